using System.Data.Common;
using Dapper;

namespace LlmOps.Gateway.Access.Users;

/// <summary>The tables sessions and refresh_tokens. Times are milliseconds since 1970, by UTC.</summary>
internal static class SessionTable
{
    /// <summary>How many sessions a user has at the same time; with one more the oldest is ended.</summary>
    public const int MostPerUser = 100;

    // What has ended goes bit by bit, so that no login waits long for it.
    private const int MostRemoved = 200;

    // Longer than any access token of an ended session holds.
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromHours(2);

    /// <summary>Adds a session, with its first refresh token.</summary>
    /// <returns>Whether the user has more than <see cref="MostPerUser"/> now.</returns>
    public static async Task<bool> AddAsync(DbConnection connection, string id, string user, string hash, DateTimeOffset now, DateTimeOffset expires)
    {
        var (at, until) = (now.ToUnixTimeMilliseconds(), expires.ToUnixTimeMilliseconds());
        await RemoveOverAsync(connection, at);
        await connection.ExecuteAsync("INSERT INTO sessions (id, user_name, created_at, expires_at) VALUES (@id, @user, @at, @until)", new { id, user, at, until });
        await AddTokenAsync(connection, hash, id, until);
        return await connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM sessions WHERE user_name = @user AND ended_at IS NULL", new { user }) > MostPerUser;
    }

    /// <summary>Ends the oldest sessions of a user who has more than <see cref="MostPerUser"/>, but for the one that was begun just now.</summary>
    public static Task<int> EndOldestAsync(DbConnection connection, string user, string begun, DateTimeOffset now) => connection.ExecuteAsync(
        """
        UPDATE sessions SET ended_at = @at, expires_at = @until WHERE id IN (
          SELECT id FROM sessions WHERE user_name = @user AND id <> @begun AND ended_at IS NULL ORDER BY created_at DESC, id LIMIT @MostRemoved OFFSET @left)
        """,
        new { user, begun, MostRemoved, left = MostPerUser - 1, at = now.ToUnixTimeMilliseconds(), until = (now + KeptAfterEnd).ToUnixTimeMilliseconds() });

    /// <summary>Puts a new refresh token into the place of one that was not used yet.</summary>
    public static async Task<Rotation> RotateAsync(DbConnection connection, string hash, string newHash, DateTimeOffset now, DateTimeOffset expires)
    {
        var (at, until) = (now.ToUnixTimeMilliseconds(), expires.ToUnixTimeMilliseconds());

        // One statement: of several uses at the same time one finds it unused.
        var session = await connection.QuerySingleOrDefaultAsync<string?>(
            "UPDATE refresh_tokens SET used_at = @at WHERE hash = @hash AND used_at IS NULL AND expires_at > @at RETURNING session_id", new { hash, at });
        if (session is null)
        {
            var used = await connection.QuerySingleOrDefaultAsync<string?>("SELECT session_id FROM refresh_tokens WHERE hash = @hash AND used_at IS NOT NULL", new { hash });
            if (used is null)
            {
                return new Rotation(RotationOutcome.Unknown, null, null);
            }

            // Who shows it again and again changes nothing any more.
            var holds = await connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM sessions WHERE id = @used AND ended_at IS NULL", new { used }) == 1;
            return new Rotation(holds ? RotationOutcome.UsedBefore : RotationOutcome.Ended, used, null);
        }

        var user = await connection.QuerySingleOrDefaultAsync<string?>("UPDATE sessions SET expires_at = @until WHERE id = @session AND ended_at IS NULL RETURNING user_name", new { session, until });
        if (user is null)
        {
            return new Rotation(RotationOutcome.Ended, session, null);
        }

        await AddTokenAsync(connection, newHash, session, until);
        await RemoveOverAsync(connection, at);
        return new Rotation(RotationOutcome.Rotated, session, user);
    }

    /// <summary>Ends a session.</summary>
    /// <returns>Whose it was; null where there is none that holds.</returns>
    public static Task<string?> EndAsync(DbConnection connection, string id, DateTimeOffset now) => connection.QuerySingleOrDefaultAsync<string?>(
        "UPDATE sessions SET ended_at = @at, expires_at = @until WHERE id = @id AND ended_at IS NULL RETURNING user_name",
        new { id, at = now.ToUnixTimeMilliseconds(), until = (now + KeptAfterEnd).ToUnixTimeMilliseconds() });

    /// <summary>Ends all sessions of a user: for a change of the password, and where the user is disabled or removed.</summary>
    public static Task EndAllAsync(DbConnection connection, string user, DateTimeOffset now) => connection.ExecuteAsync(
        "UPDATE sessions SET ended_at = @at, expires_at = @until WHERE user_name = @user AND ended_at IS NULL",
        new { user, at = now.ToUnixTimeMilliseconds(), until = (now + KeptAfterEnd).ToUnixTimeMilliseconds() });

    /// <summary>The sessions that were ended after a time.</summary>
    public static async Task<IReadOnlyList<string>> EndedSinceAsync(DbConnection connection, DateTimeOffset since) =>
        (await connection.QueryAsync<string>("SELECT id FROM sessions WHERE ended_at > @at", new { at = since.ToUnixTimeMilliseconds() })).AsList();

    private static Task<int> AddTokenAsync(DbConnection connection, string hash, string session, long until) =>
        connection.ExecuteAsync("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (@hash, @session, @until)", new { hash, session, until });

    private static async Task RemoveOverAsync(DbConnection connection, long at)
    {
        await connection.ExecuteAsync("DELETE FROM refresh_tokens WHERE hash IN (SELECT hash FROM refresh_tokens WHERE expires_at <= @at LIMIT @MostRemoved)", new { at, MostRemoved });
        await connection.ExecuteAsync("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= @at LIMIT @MostRemoved)", new { at, MostRemoved });
    }
}

/// <summary>What came of using a refresh token.</summary>
/// <param name="Outcome">What it is.</param>
/// <param name="Session">Its session; null where it is not known.</param>
/// <param name="User">Whose; null where it was not rotated.</param>
internal sealed record Rotation(RotationOutcome Outcome, string? Session, string? User);

/// <summary>What a refresh token was found to be.</summary>
internal enum RotationOutcome
{
    /// <summary>Not known, or over.</summary>
    Unknown,

    /// <summary>Valid; another one has taken its place.</summary>
    Rotated,

    /// <summary>Used already, and its session holds: one of the two who have it is a thief.</summary>
    UsedBefore,

    /// <summary>Of a session that was ended.</summary>
    Ended,
}
