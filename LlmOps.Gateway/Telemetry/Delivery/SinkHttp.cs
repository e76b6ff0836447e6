using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>The requests of sinks that are reached by HTTP: compressed, within a time, and each status as what it means for the events.</summary>
internal sealed class SinkHttp : IDisposable
{
    private const int ShortestCompressed = 1024;
    private const int LongestReason = 300;
    private const int LargestAnswer = 4 * 1024 * 1024;

    private readonly HttpClient _client;
    private readonly string _name;

    /// <param name="name">The sink's name, for what it tells.</param>
    /// <param name="address">What the paths of requests are relative to.</param>
    /// <param name="timeout">Longest time of a request.</param>
    /// <param name="authorization">What each request is authorized by; null for nothing.</param>
    public SinkHttp(string name, Uri address, TimeSpan timeout, AuthenticationHeaderValue? authorization)
    {
        _name = name;

        // No trace of its own: what tells of requests is none of them.
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null };
        _client = new HttpClient(handler)
        {
            BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"),
            Timeout = timeout,
            MaxResponseContentBufferSize = LargestAnswer,
        };
        _client.DefaultRequestHeaders.Authorization = authorization;
    }

    /// <summary>HTTP Basic.</summary>
    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>Sends a body, and gives back what is answered.</summary>
    /// <param name="method">GET, POST or PUT.</param>
    /// <param name="path">Relative to the sink's address, without a slash at its beginning.</param>
    /// <param name="body">The body; empty for none.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="compress">Whether the server takes gzip.</param>
    /// <param name="prepare">Adds headers; null for none.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The status, 2xx or 404 or 409, and the body.</returns>
    /// <exception cref="SinkException">It cannot be reached, is busy or broken, or does not know the credential.</exception>
    /// <exception cref="BatchRefusedException">It does not take this body.</exception>
    public async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, string contentType, bool compress, Action<HttpRequestHeaders>? prepare, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(method, path, body, contentType, compress, prepare, cancellationToken);
        return answer.IsSuccess || answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict ? (answer.Status, answer.Body) : throw Failure(answer);
    }

    /// <summary>The same, for a sink that knows more of its server's refusals than their status: gives back whatever is answered.</summary>
    /// <exception cref="SinkException">It cannot be reached.</exception>
    public async Task<SinkAnswer> AskAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, string contentType, bool compress, Action<HttpRequestHeaders>? prepare, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (!body.IsEmpty)
        {
            var compressed = compress && body.Length >= ShortestCompressed;
            request.Content = new ReadOnlyMemoryContent(compressed ? Compress(body) : body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            if (compressed)
            {
                request.Content.Headers.ContentEncoding.Add("gzip");
            }
        }

        prepare?.Invoke(request.Headers);
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            return new SinkAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.RetryAfter?.Delta);
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            throw new SinkException($"{_name} cannot be reached: {exception.GetBaseException().Message}", exception) { IsPassing = true };
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SinkException($"{_name} did not answer within {_client.Timeout.TotalSeconds:0.#} s.", exception) { IsPassing = true };
        }
    }

    /// <summary>What an answer that is none of success means for the events.</summary>
    public Exception Failure(SinkAnswer answer)
    {
        var status = (int)answer.Status;
        var told = $"{_name} answers {status}: {Shown(answer.Body)}";
        return status switch
        {
            // Another credential, or another address, may be set meanwhile: nothing is lost until then.
            401 or 403 or 408 or 425 or 429 or >= 500 or < 400 => new SinkException(told) { RetryAfter = answer.RetryAfter, IsPassing = status is 408 or 425 or 429 or >= 500 },
            _ => new BatchRefusedException(told),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>What an answer says of itself, in few words.</summary>
    public static string Shown(ReadOnlySpan<byte> answer)
    {
        var text = System.Text.Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, LongestReason)]);
        return string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
    }

    private static byte[] Compress(ReadOnlyMemory<byte> body)
    {
        using var compressed = new MemoryStream(body.Length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }

        return compressed.ToArray();
    }
}

/// <summary>What a sink's server answers.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body.</param>
/// <param name="RetryAfter">How long it asks to be left alone; null where it does not say.</param>
internal sealed record SinkAnswer(HttpStatusCode Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
