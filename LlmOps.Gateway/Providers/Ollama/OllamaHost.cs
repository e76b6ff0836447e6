using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Reads OLLAMA_HOST as Ollama's own programs do: a host, a port, both, or an address.</summary>
internal static class OllamaHost
{
    private const int DefaultPort = 11434;

    /// <summary>The address: "gpu-box" is http://gpu-box:11434; 0.0.0.0, on which a server listens, is reached on this machine. What is no address is left as it is, to be told as a fault.</summary>
    public static string ToBaseUrl(string value)
    {
        var text = value.Trim().Trim('"', '\'');
        var schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        var hasScheme = schemeEnd >= 0;
        var rest = hasScheme ? text[(schemeEnd + 3)..] : text;
        if (rest.StartsWith(':'))
        {
            rest = IPAddress.TryParse(rest, out _) ? rest : "127.0.0.1" + rest;
        }

        if (IPAddress.TryParse(rest, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !rest.StartsWith('['))
        {
            rest = $"[{rest}]";
        }

        if (!Uri.TryCreate($"{(hasScheme ? text[..schemeEnd] : "http")}://{rest}", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            return value;
        }

        // Uri hides a port that is the scheme's default one, which may stand in the text.
        var authority = rest.Split('/')[0];
        var named = authority.EndsWith(":" + uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var host = uri.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : uri.Host;
        return new UriBuilder(uri.Scheme, host, named || hasScheme ? uri.Port : DefaultPort, uri.AbsolutePath).Uri.ToString();
    }
}
