using System.Net;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Users;

/// <summary>
/// Checks passwords, which takes a good part of a second each: a few at the same time, on threads of their own, and only as
/// many failures as <see cref="LoginOptions"/> says. Who is not known is not found out by how long it takes, or what is said.
/// </summary>
internal sealed partial class Logins(AccessDirectory directory, ILimitStore limits, GatewayConfiguration configuration, ILogger<Logins> logger) : IDisposable
{
    private const int MostWaiting = 32;

    // Many times what one address may fail: whoever wants to keep somebody out needs as many addresses.
    private const long AddressesPerAccount = 10;

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>The user who has this name and password.</summary>
    /// <param name="name">The name, of a form that users may have.</param>
    /// <param name="password">The password.</param>
    /// <param name="address">From where; null where that is not known.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="GatewayException">401: there is none. 429: too many have failed, or wait. 503: nobody is known yet.</exception>
    public async Task<AccessUser> CheckAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        // Every attempt counts until it has succeeded, so that many at the same time are not more than one after the other.
        var taking = Take(name, address);
        if (await limits.TakeAsync(taking) is { } refusal)
        {
            throw new GatewayException(ErrorCode.RateLimitExceeded, $"Too many logins to this account, or from this address, have failed; the next attempt is free in {GoDuration.Of(refusal.Wait!.Value)}.") { RetryAfter = refusal.Wait };
        }

        var failed = false;
        try
        {
            var known = directory.Current;
            if (known.Version is null)
            {
                throw new GatewayException(ErrorCode.DatabaseUnavailable, "Nobody can log in: the database has not been asked yet.") { RetryAfter = TimeSpan.FromSeconds(1) };
            }

            var user = known.FindUser(name);
            failed = !await MatchesAsync(user?.PasswordHash ?? PasswordHash.OfNobody, password, cancellationToken) || user is not { IsDisabled: false };
            if (!failed)
            {
                return user!;
            }

            LogFailed(name, address);
            throw new GatewayException(ErrorCode.InvalidApiKey, "The username or the password is not right.");
        }
        finally
        {
            if (!failed && taking.Change(giveRequestsBack: true, tokens: null))
            {
                await limits.SettleAsync(taking);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private LimitTaking Take(string name, IPAddress? address)
    {
        var options = configuration.Current.Options.Access.Logins;
        var taking = LimitTaking.Of(new Limit($"login-account:{name}", LimitUnit.Requests, AddressesPerAccount * options.FailuresPerAccount, options.FailureWindow));
        if (address is not null)
        {
            var owner = CallerAddress.OwnerOf(address);
            taking.Add(new Limit($"login-account:{name} {owner}", LimitUnit.Requests, options.FailuresPerAccount, options.FailureWindow), 1);
            taking.Add(new Limit($"login-{owner}", LimitUnit.Requests, options.FailuresPerAddress, options.FailureWindow), 1);
        }

        return taking;
    }

    private async Task<bool> MatchesAsync(string hash, string password, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new GatewayException(ErrorCode.RateLimitExceeded, "Too many logins wait for their turn; come back a little later.") { RetryAfter = ComeBack };
        }

        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            // A thread of the pool would be missing to requests for all that time.
            return await Task.Factory.StartNew(() => PasswordHash.Matches(hash, password), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turns.Release();
        }
    }

    [LoggerMessage(LogLevel.Warning, "A login as {Name} from {Address} failed.")]
    private partial void LogFailed(string name, IPAddress? address);
}
