using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Access.Users;

/// <summary>
/// What a login begins: an access token for an hour, and a refresh token that gets the next two. A refresh token is used once;
/// whoever uses it a second time ends the session, for it was stolen from one of the two.
/// </summary>
internal sealed partial class Sessions(AccessDirectory directory, IDatabase database, AccessTokens tokens, TimeProvider time, ILogger<Sessions> logger)
{
    private const string Prefix = "rt-llmops-";
    private const int RandomBytes = 32;

    /// <summary>How long a refresh token holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Begins one for a user who has logged in.</summary>
    /// <exception cref="GatewayException">401: the password was changed meanwhile, or the user disabled or removed.</exception>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<TokenPair> StartAsync(AccessUser user, CancellationToken cancellationToken)
    {
        var (id, refresh, now) = (Guid.NewGuid().ToString("N"), CreateRefreshToken(), time.GetUtcNow());
        var isOver = await database.WriteAsync(
            async connection => await UserTable.KeepAsync(connection, user.Name, user.PasswordHash)
                ? await SessionTable.AddAsync(connection, id, user.Name, HashOf(refresh), now, now + Lifetime)
                : throw new GatewayException(ErrorCode.InvalidApiKey, "The username or the password is not right."),
            cancellationToken: cancellationToken);
        if (isOver)
        {
            // A change of what is known, unlike a login: the access tokens of the oldest end as well.
            await directory.ChangeAsync(connection => SessionTable.EndOldestAsync(connection, user.Name, id, now), cancellationToken);
        }

        return new TokenPair(tokens.Create(user, id), refresh);
    }

    /// <summary>Takes a refresh token for the next two.</summary>
    /// <exception cref="GatewayException">401: it does not hold.</exception>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<TokenPair> RefreshAsync(string refreshToken)
    {
        // Not given up when the caller leaves: it would never hear of the new one, and lose its session by asking again.
        var (next, now) = (CreateRefreshToken(), time.GetUtcNow());
        var rotation = await database.WriteAsync(connection => SessionTable.RotateAsync(connection, HashOf(refreshToken), HashOf(next), now, now + Lifetime));
        if (rotation.Outcome == RotationOutcome.UsedBefore)
        {
            if (await EndAsync(rotation.Session!) is { } owner)
            {
                LogUsedAgain(owner, rotation.Session!);
            }

            throw Refusal("was used before, so its session has been ended; log in again");
        }

        if (rotation.Outcome != RotationOutcome.Rotated)
        {
            throw Refusal(rotation.Outcome == RotationOutcome.Ended ? "is of a session that was ended" : "is not known, or has expired");
        }

        return directory.Current.FindUser(rotation.User!) is { IsDisabled: false } user
            ? new TokenPair(tokens.Create(user, rotation.Session!), next)
            : throw Refusal("is of a user that is disabled, or is not there any more");
    }

    /// <summary>Ends a session: its refresh token holds no longer, and within a second its access tokens do not on any replica.</summary>
    /// <returns>Whose it was; null where it was ended before.</returns>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public Task<string?> EndAsync(string session) => directory.ChangeAsync(connection => SessionTable.EndAsync(connection, session, time.GetUtcNow()));

    private static GatewayException Refusal(string why) => new(ErrorCode.InvalidApiKey, $"The refresh token {why}.");

    private static string CreateRefreshToken() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    // As random as the hash is long: nothing is gained by slowing it down.
    private static string HashOf(string refreshToken) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)));

    [LoggerMessage(LogLevel.Warning, "A refresh token of user {User} was used a second time, so it may have been stolen; session {Session} was ended.")]
    private partial void LogUsedAgain(string user, string session);
}

/// <summary>What a login or a refresh gives.</summary>
/// <param name="AccessToken">For requests.</param>
/// <param name="RefreshToken">For the next ones.</param>
internal sealed record TokenPair(string AccessToken, string RefreshToken)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => nameof(TokenPair);
}
