using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Registers the guardrails.</summary>
internal static class GuardrailRegistration
{
    public static IServiceCollection AddGatewayGuardrails(this IServiceCollection services)
    {
        // Reading the rules takes a part of the start; whoever needs them first waits for what is left of it.
        _ = Task.Run(static () => RuleSet.Default);
        return services
            .AddSingleton<GuardrailStatistics>()
            .AddSingleton<InjectionDetector>()
            .AddSingleton<PromptGuard>()
            .AddSingleton<DailySpending>()
            .AddSingleton<SchemaGuard>()
            .AddSingleton<JudgeGuard>()
            .AddSingleton<AnswerGuard>();
    }
}
