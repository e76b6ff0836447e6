using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>Starts what keeps the counters in Redis up to date; without Redis, says what that means where there are other replicas.</summary>
internal sealed partial class BudgetStart(IRedis redis, IDatabase database, HeldAmountsTelling telling, ILogger<BudgetStart> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis.IsConfigured)
        {
            return telling.StartAsync(cancellationToken);
        }

        if (database.IsShared)
        {
            LogPerReplica();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => redis.IsConfigured ? telling.StopAsync(cancellationToken) : Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "There is a shared database but no Redis: each replica counts budgets by itself, so that several of them can spend a budget several times. Set Gateway:Redis:ConnectionString where there is more than one.")]
    private partial void LogPerReplica();
}
