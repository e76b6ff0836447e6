using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Registers the guardrails.</summary>
internal static class GuardrailRegistration
{
    public static IServiceCollection AddGatewayGuardrails(this IServiceCollection services) => services
        .AddSingleton<GuardrailStatistics>()
        .AddSingleton<InjectionDetector>()
        .AddSingleton<PromptGuard>()
        .AddSingleton<DailySpending>()
        .AddSingleton<SchemaGuard>()
        .AddSingleton<JudgeGuard>()
        .AddSingleton<AnswerGuard>();
}
