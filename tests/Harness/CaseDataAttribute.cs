using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Xunit.Sdk;

namespace LocalService.Tests;

/// <summary>The rows of a case table as the data of a theory: number and title.</summary>
/// <param name="table">The name of the table, such as <c>server</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CaseDataAttribute(string table) : DataAttribute
{
    /// <summary>The name of the table.</summary>
    public string Table { get; } = table;

    /// <summary>Rows that are left out. The test says why.</summary>
    public int[] Except { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        CaseFile.Read(Table).Where(row => !Except.Contains(row.Number)).Select(row => new object[] { row.Number, row.Title });
}
