using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>Registers the budgets' counters: in Redis where one is configured, else in this process.</summary>
internal static class BudgetRegistration
{
    // After a restart; while the database is away it may take for ever.
    private static readonly TimeSpan LongestReplay = TimeSpan.FromSeconds(1);

    public static IServiceCollection AddGatewayBudgets(this IServiceCollection services) => services
        .AddSingleton<BudgetWarnings>()
        .AddSingleton<RequestBudgets>()
        .AddSingleton<SpentInLedger>(provider =>
        {
            var (ledger, time) = (provider.GetRequiredService<UsageLedger>(), provider.GetRequiredService<TimeProvider>());
            return async (counter, except) =>
            {
                try
                {
                    await ledger.Replayed.Task.WaitAsync(LongestReplay, time);
                }
                catch (TimeoutException exception)
                {
                    throw new GatewayException(
                        ErrorCode.BudgetUnavailable, "What was spent of a budget of this request is not known yet: the database has not all that earlier processes have left in the journal.", innerException: exception) { RetryAfter = LongestReplay };
                }

                return await ledger.SpentAsync(counter, except);
            };
        })
        .AddSingleton<HeldAmounts>()
        .AddSingleton(provider => new HeldAmountsTelling(
            provider.GetRequiredService<HeldAmounts>(), provider.GetRequiredService<IRedis>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HeldAmountsTelling>>())
        {
            Grace = HeldAmountsTelling.GraceOf(provider.GetRequiredService<GatewayConfiguration>().Current.Options.Redis),
        })
        .AddSingleton<Func<BudgetsWithoutRedis>>(provider =>
        {
            var configuration = provider.GetRequiredService<GatewayConfiguration>();
            return () => configuration.Current.Options.Accounting.BudgetsWithoutRedis;
        })
        .AddSingleton<RedisBudgets>()
        .AddSingleton<MemoryBudgets>()
        .AddSingleton<IBudgetCounters>(provider =>
            provider.GetRequiredService<IRedis>().IsConfigured ? provider.GetRequiredService<RedisBudgets>() : provider.GetRequiredService<MemoryBudgets>())
        .AddHostedService<BudgetStart>();
}
