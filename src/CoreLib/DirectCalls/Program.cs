using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LocalService.DirectCalls;

/// <summary>
/// Rewrites an assembly for the native compiler: methods imported from libc by <c>DllImport</c>, which CoreCLR needs, become methods that are
/// linked in. After a <c>DllImport</c> call, compiled code checks whether a collector wants to stop it, and there is none. Nothing else in the
/// assembly changes, so that the code tested on CoreCLR is the code compiled.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: direct-calls ASSEMBLY REWRITTEN-ASSEMBLY");
            return 100;
        }
        bool hasSymbols = File.Exists(Path.ChangeExtension(arguments[0], ".pdb"));
        using var assembly = AssemblyDefinition.ReadAssembly(arguments[0], new ReaderParameters
        {
            ReadSymbols = hasSymbols,
            SymbolReaderProvider = hasSymbols ? new PortablePdbReaderProvider() : null,
        });
        ModuleDefinition module = assembly.MainModule;
        MethodReference link = LinkAttributeOf(module);
        foreach (TypeDefinition type in module.GetTypes())
        {
            foreach (MethodDefinition method in type.Methods.Where(method => method.IsPInvokeImpl))
                LinkIn(method, link);
        }
        assembly.Write(arguments[1], new WriterParameters
        {
            DeterministicMvid = true,
            Timestamp = 0,
            WriteSymbols = hasSymbols,
            SymbolWriterProvider = hasSymbols ? new PortablePdbWriterProvider() : null,
        });
        return 0;
    }

    /// <summary>The constructor of the attribute with which the base library of the native build, System.Runtime, names a symbol.</summary>
    private static MethodReference LinkAttributeOf(ModuleDefinition module)
    {
        AssemblyNameReference? library = module.AssemblyReferences.FirstOrDefault(reference => reference.Name == "System.Runtime");
        if (library == null)
        {
            library = new AssemblyNameReference("System.Runtime", new Version(10, 0, 0, 0));
            module.AssemblyReferences.Add(library);
        }
        var constructor = new MethodReference(".ctor", module.TypeSystem.Void, new TypeReference("System.Runtime", "RuntimeImportAttribute", module, library))
        {
            HasThis = true,
        };
        constructor.Parameters.Add(new ParameterDefinition(module.TypeSystem.String));
        return constructor;
    }

    private static void LinkIn(MethodDefinition method, MethodReference link)
    {
        string symbol = string.IsNullOrEmpty(method.PInvokeInfo.EntryPoint) ? method.Name : method.PInvokeInfo.EntryPoint;
        method.PInvokeInfo = null;
        method.IsPInvokeImpl = false;
        method.ImplAttributes = MethodImplAttributes.InternalCall;
        method.CustomAttributes.Clear();
        var attribute = new CustomAttribute(link);
        attribute.ConstructorArguments.Add(new CustomAttributeArgument(method.Module.TypeSystem.String, symbol));
        method.CustomAttributes.Add(attribute);
    }
}
