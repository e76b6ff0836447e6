using System.Collections.Concurrent;

namespace LlmOps.Gateway.Errors;

/// <summary>How often callers were refused since the start of this process, for who they are or how much they have asked. Thread-safe.</summary>
internal sealed class RefusalStatistics
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Takes in a failure that is told to a caller; those of providers, and others than refusals, are passed over.</summary>
    public void Count(GatewayException failure)
    {
        if (failure is { Error.Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests } and not ProviderException)
        {
            _counts.AddOrUpdate(failure.Error.Code, 1, static (_, count) => count + 1);
        }
    }

    /// <summary>The refusals of a status, by the error's code.</summary>
    public IReadOnlyDictionary<string, long> Of(int status) =>
        ErrorCode.All.Where(code => code.Status == status && _counts.ContainsKey(code.Code)).ToDictionary(code => code.Code, code => _counts[code.Code]);
}
