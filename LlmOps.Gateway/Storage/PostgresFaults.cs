using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>What PostgreSQL's failures mean: whether it is down, or refuses a statement. https://www.postgresql.org/docs/current/errcodes-appendix.html</summary>
internal static class PostgresFaults
{
    private const string IdleInTransaction = "25P03";

    /// <summary>A statement's failure, as callers are told.</summary>
    public static DatabaseException ToDatabaseException(NpgsqlException exception) => exception is PostgresException { SqlState: var code } && !IsDown(code)
        ? new DatabaseException($"PostgreSQL refused a statement with {code}.", exception) { IsRefused = !IsLostRace(code) }
        : new DatabaseException($"PostgreSQL cannot be asked: {Why(exception)}.", exception);

    /// <summary>Why it cannot be asked, in words that continue a sentence; without what the server says, which may quote values.</summary>
    public static string Why(Exception exception) => exception switch
    {
        DatabaseException database => char.ToLowerInvariant(database.Message[0]) + database.Message[1..].TrimEnd('.'),
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => "it does not accept the user or the password",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "it has no such database",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "the user may not do what the gateway needs; it must own the database, or its schema",
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => "it is starting or stopping",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "it has too many connections",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "it takes no writes",
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => "a statement took too long",
        PostgresException { SqlState: var code } => $"it answered with error {code}",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "the connection was refused",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "the host name is unknown",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: var code } => $"the connection failed ({code})",
        _ when exception.GetBaseException() is AuthenticationException => "TLS failed",
        _ when exception.GetBaseException() is TimeoutException => "it did not answer in time",
        _ => "the connection failed",
    };

    /// <summary>Whether a call failed because PostgreSQL is down, or too slow.</summary>
    public static bool IsDown(DatabaseException exception) => exception.InnerException is not PostgresException { SqlState: var code } || IsDown(code);

    // The connection, the log-in, resources, an operator, its own faults; or it takes no writes, or gave up a transaction that took too long.
    private static bool IsDown(string code) => code[..2] is "08" or "28" or "3D" or "53" or "57" or "58" or "XX"
        || code is PostgresErrorCodes.ReadOnlySqlTransaction or IdleInTransaction;

    // Deadlocks and the like: the same statement may do well the next time.
    private static bool IsLostRace(string code) => code[..2] is "40" or "55";
}
