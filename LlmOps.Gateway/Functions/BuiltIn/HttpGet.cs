using System.Globalization;
using System.Net;
using System.Text;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Outgoing;

namespace LlmOps.Gateway.Functions.BuiltIn;

/// <summary>Gets texts of listed hosts. A model says which: addresses are looked at when connecting, and no redirect is followed.</summary>
/// <param name="connector">Connects to addresses of the public internet.</param>
internal sealed class HttpGet(CheckedConnector connector) : IDisposable
{
    private readonly HttpMessageInvoker _public = new(connector.CreateHandler());
    private readonly HttpMessageInvoker _any = new(new CheckedConnector(Dns.GetHostAddressesAsync, _ => true).CreateHandler());

    /// <summary>Gets a text.</summary>
    /// <param name="address">Where, as the model says it.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    public async Task<ToolResult> GetAsync(string address, HttpGetOptions options, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            return Error($"'{Shown.Short(address)}' is no URL that can be got; expected http or https, without a user.");
        }

        if (!options.Allows(url))
        {
            return Error($"'{Shown.Short(url.Authority)}' is not among the hosts that can be asked: {string.Join(", ", options.Hosts)}.");
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.ParseAdd("LlmOps");
            request.Headers.Accept.ParseAdd("text/plain, text/html, application/json, */*;q=0.1");
            using var response = await (options.AllowPrivateAddresses ? _any : _public).SendAsync(request, cancellationToken);
            return await ReadAsync(response, url, options.MaxBytes, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is AddressNotAllowedException)
        {
            return Error($"'{url.Host}' leads to this machine, a private network or a reserved address, which cannot be asked.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Error($"'{url.Host}' cannot be reached, or broke off.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _public.Dispose();
        _any.Dispose();
    }

    private static async Task<ToolResult> ReadAsync(HttpResponseMessage response, Uri url, int mostBytes, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            var target = response.Headers.Location is { } location ? $" to {Shown.Short(new Uri(url, location).ToString())}" : "";
            return Error(string.Create(CultureInfo.InvariantCulture, $"HTTP {status}: the page redirects{target}, which is not followed."));
        }

        var media = response.Content.Headers.ContentType?.MediaType ?? "text/plain";
        if (!IsText(media))
        {
            return Error($"The page is {Shown.Short(media)}, which is no text.");
        }

        var (bytes, isWhole) = await ReadAsync(response.Content, mostBytes, cancellationToken);
        var text = EncodingOf(response.Content.Headers.ContentType?.CharSet).GetString(bytes);
        var note = isWhole ? "" : string.Create(CultureInfo.InvariantCulture, $"\n[The page is longer; these are its first {mostBytes} bytes.]");
        return response.IsSuccessStatusCode ? new ToolResult(text + note, IsError: false) : Error(string.Create(CultureInfo.InvariantCulture, $"HTTP {status}: {text}{note}"));
    }

    private static async Task<(byte[] Bytes, bool IsWhole)> ReadAsync(HttpContent content, int mostBytes, CancellationToken cancellationToken)
    {
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[mostBytes + 1];
        var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return (bytes[..Math.Min(count, mostBytes)], count <= mostBytes);
    }

    private static bool IsText(string media) =>
        media.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || media.EndsWith("json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("xml", StringComparison.OrdinalIgnoreCase)
        || media.Equals("application/yaml", StringComparison.OrdinalIgnoreCase) || media.Equals("application/javascript", StringComparison.OrdinalIgnoreCase);

    private static Encoding EncodingOf(string? name)
    {
        try
        {
            return string.IsNullOrWhiteSpace(name) ? Encoding.UTF8 : Encoding.GetEncoding(name.Trim('"', '\''));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static ToolResult Error(string text) => new(text, IsError: true);
}
