using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>
/// An issuer's public keys: found by OpenID Connect discovery when they are first needed, asked for again after an hour and
/// when a token names one that is not known. While the issuer is away, the last ones hold.
/// </summary>
/// <param name="issuer">The issuer's address, as its tokens name it.</param>
/// <param name="allowsPrivateHosts">Whether its keys may lie on another host of a private network.</param>
/// <param name="http">How issuers are reached.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class IssuerKeys(string issuer, bool allowsPrivateHosts, IssuerHttp http, TimeProvider time, ILogger<IssuerKeys> logger)
{
    private const int MostBytes = 256 * 1024;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // Anyone can make up tokens with keys that do not exist; the issuer is not asked about each.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    // How long a request waits for keys; and how long the asking may take, so that the next request finds them.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private Task _fetch = Task.CompletedTask;
    private long? _askedAt;
    private volatile Known? _known;

    // Nobody waits for an issuer that did not answer the last time, where there are keys to go on with.
    private volatile bool _isAway;

    /// <summary>The keys by which a token may be signed.</summary>
    /// <exception cref="GatewayException">401: there is no such key. 503: the issuer has never been reached.</exception>
    public async ValueTask<IReadOnlyList<SignatureKey>> ForAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        var keys = Matching(token);
        if (keys.Count == 0 || time.GetElapsedTime(_known!.At) >= Lifetime)
        {
            var asked = Ask();
            if (keys.Count == 0 || !_isAway)
            {
                await WaitAsync(asked, cancellationToken);
                keys = Matching(token);
            }
        }

        return keys.Count > 0 ? keys
            : _known is not null ? throw TokenRules.Refusal("is signed by a key that its issuer does not have, or not for this algorithm")
            : throw new GatewayException(ErrorCode.IssuerUnavailable, "The token cannot be verified now: its issuer does not say which keys it has.") { RetryAfter = Pause };
    }

    private List<SignatureKey> Matching(JsonWebToken token) =>
        _known?.Keys.Where(key => key.Algorithm == token.Algorithm && (token.KeyId is null || key.Id == token.KeyId)).ToList() ?? [];

    // Whoever comes while the issuer is being asked waits for the same answer.
    private Task Ask()
    {
        lock (_lock)
        {
            if (_fetch.IsCompleted && (_askedAt is null || time.GetElapsedTime(_askedAt.Value) >= Pause))
            {
                _askedAt = time.GetTimestamp();
                _fetch = Task.Run(FetchAsync);
            }

            return _fetch;
        }
    }

    private async Task WaitAsync(Task asked, CancellationToken cancellationToken)
    {
        try
        {
            await asked.WaitAsync(Deadline, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What is known is all there is for now.
        }
    }

    private async Task FetchAsync()
    {
        // Not on the time of the request that happens to be the first.
        using var limit = new CancellationTokenSource(FetchTimeout, time);
        try
        {
            var discovery = await ReadAsync(http.Trusted, new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration"), limit.Token);
            if (JsonWebToken.Text(discovery, "issuer") != issuer)
            {
                throw new InvalidDataException("its discovery document is that of another issuer");
            }

            var (reach, address) = http.For(issuer, allowsPrivateHosts, JsonWebToken.Text(discovery, "jwks_uri"));
            var keys = JsonWebKeySet.Read(await ReadAsync(reach, address, limit.Token));
            if (keys.Count == 0)
            {
                throw new InvalidDataException("none of its keys is for RS256 or ES256");
            }

            _known = new Known(keys, time.GetTimestamp());
            _isAway = false;
            LogFetched(issuer, keys.Count);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException or JsonException or InvalidOperationException or OperationCanceledException)
        {
            // InvalidOperationException: a name with a lone surrogate escape such as \ud800.
            _isAway = true;
            LogFailed(issuer, exception is OperationCanceledException ? "it took too long" : exception.GetBaseException().Message);
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpMessageInvoker http, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidDataException($"{address} answered with status {(int)response.StatusCode}");
        }

        await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken);
        var value = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), JsonWebToken.Strict);
        return value.ValueKind == JsonValueKind.Object ? value : throw new InvalidDataException($"{address} answered with something that is no JSON object");
    }

    [LoggerMessage(LogLevel.Information, "The issuer {Issuer} has {Count} keys.")]
    private partial void LogFetched(string issuer, int count);

    [LoggerMessage(LogLevel.Warning, "The keys of the issuer {Issuer} cannot be had, {Fault}; those that are known hold.")]
    private partial void LogFailed(string issuer, string fault);

    private sealed record Known(IReadOnlyList<SignatureKey> Keys, long At);
}
