using Dapper;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Storage;

/// <summary>Shows in /health whether the records can be read and written.</summary>
internal sealed class DatabaseHealth(IDatabase database, DataFolder folder, SqliteStart start, TimeProvider time) : IHealthCheck, IDependencyProbe, IConfigureOptions<HealthCheckServiceOptions>
{
    /// <inheritdoc/>
    public string Dependency => database.Name;

    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options) =>
        options.Registrations.Add(new HealthCheckRegistration(database.Name, this, HealthStatus.Degraded, tags: null));

    /// <inheritdoc/>
    public async Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            await database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT 1"), cancellationToken);
            return time.GetElapsedTime(startedAt);
        }
        catch (DatabaseException)
        {
            // What is amiss is in the check.
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var fault = database switch
        {
            PostgresDatabase { Fault: { } down } => $"down: {down}",
            PostgresDatabase when folder.Fault is not null => "up, but the data folder cannot be written",
            SqliteDatabase sqlite => sqlite.Fault ?? start.Fault,
            _ => null,
        };
        return Task.FromResult(fault is null ? HealthCheckResult.Healthy("up") : HealthCheckResult.Degraded(fault));
    }
}
