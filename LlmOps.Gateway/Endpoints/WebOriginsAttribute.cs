using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Endpoints;

/// <summary>A list of web origins: scheme, host and port only, or *. Anything else would never match what a browser sends.</summary>
internal sealed class WebOriginsAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is IEnumerable<string> origins && origins.All(IsOrigin);

    public override string FormatErrorMessage(string name) => "has an entry that is no web origin; expected entries such as https://app.example.com, or *";

    private static bool IsOrigin(string origin) =>
        origin == "*"
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase));
}
