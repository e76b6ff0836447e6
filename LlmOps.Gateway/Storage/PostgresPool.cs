using Dapper;
using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// Makes pools of connections. The server itself ends what takes too long on them: Npgsql's own timeout would have it cancelled
/// over another connection, for which it keeps a thread, even where the server does not answer at all.
/// </summary>
internal sealed class PostgresPool(NpgsqlConnectionStringBuilder server, StorageOptions options)
{
    // Shorter than what firewalls forget a silent connection after.
    private const int KeepAliveSeconds = 30;

    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        ApplicationName = server.ApplicationName ?? "llmops-gateway",
        CommandTimeout = 0,
        Enlist = false,
        IncludeErrorDetail = false,
        MaxPoolSize = options.MaxConnections + 1,
        MinPoolSize = 0,
        Multiplexing = false,

        // The reset would undo the limits below, and cost a message each time; nobody sets anything else.
        NoResetOnClose = true,
        Pooling = true,
        TcpKeepAlive = true,
        TcpKeepAliveTime = KeepAliveSeconds,
        TcpKeepAliveInterval = KeepAliveSeconds,
        Timeout = Seconds(options.CallTimeout),
    }.ConnectionString;

    /// <summary>Makes one, which connects with its first call.</summary>
    public NpgsqlDataSource Open()
    {
        var milliseconds = (long)Math.Ceiling(options.CallTimeout.TotalMilliseconds);
        var limits = $"SET statement_timeout = {milliseconds}; SET idle_in_transaction_session_timeout = {milliseconds}";
        var builder = new NpgsqlDataSourceBuilder(_connectionString);
        builder.UsePhysicalConnectionInitializer(connection => connection.Execute(limits), connection => connection.ExecuteAsync(limits));
        return builder.Build();
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
