namespace LocalService.Dns.Packets;

/// <summary>Response codes (RFC 1035, section 4.1.1; RFC 6891, section 9). The name error, and success, are about the name; the others about the server.</summary>
internal static class ResponseCode
{
    internal const int Success = 0;
    internal const int FormatError = 1;
    internal const int ServerFailure = 2;
    internal const int NameError = 3;
    internal const int NotImplemented = 4;
    internal const int Refused = 5;
    internal const int UnknownVersion = 16;
}
