using System.ComponentModel.DataAnnotations;
using System.Net;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// A host to listen on: localhost, an IP address, or *. The server takes any other name to mean all addresses, so a
/// mistyped one would open the gateway to everyone.
/// </summary>
internal sealed class ListenHostAttribute : ValidationAttribute
{
    /// <summary>All addresses.</summary>
    public const string All = "*";

    public override bool IsValid(object? value) =>
        value is string host && (host is "localhost" or All || IPAddress.TryParse(host, out _));

    public override string FormatErrorMessage(string name) => "is no address to listen on; expected localhost, an IP address, or * for all addresses";
}
