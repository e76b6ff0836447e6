using System.Globalization;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>
/// Tells MCP servers through how many gateways a call has come, in X-LlmOps-Hops: gateways that are each other's servers would
/// else call one another for as long as their models like to.
/// </summary>
internal sealed class GatewayHops(HttpMessageHandler innerHandler) : DelegatingHandler(innerHandler)
{
    /// <summary>The header.</summary>
    public const string Header = "X-LlmOps-Hops";

    /// <summary>The most gateways that a call may come through.</summary>
    public const int Most = 4;

    private static readonly AsyncLocal<int> Come = new();

    /// <summary>A call has arrived: what its method does from now on knows through how many gateways.</summary>
    /// <exception cref="GatewayException">They are too many, or the header is no number.</exception>
    public static void Arrived(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(Header, out var values))
        {
            Come.Value = int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var hops) && hops <= Most
                ? hops
                : throw new GatewayException(ErrorCode.InvalidValue, $"{Header} is '{Shown.Short(values.ToString())}'; expected 0 to {Most}, as gateways that are each other's MCP servers would call one another without end.", Header);
        }
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(Header, (Come.Value + 1).ToString(CultureInfo.InvariantCulture));
        return base.SendAsync(request, cancellationToken);
    }
}
