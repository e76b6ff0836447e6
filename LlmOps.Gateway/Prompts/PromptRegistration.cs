using LlmOps.Gateway.Prompts.Evaluations;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using LlmOps.Gateway.Prompts.Feedback;
using LlmOps.Gateway.Prompts.Labels;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts;

/// <summary>Registers what requests are made from.</summary>
internal static class PromptRegistration
{
    public static IServiceCollection AddGatewayPrompts(this IServiceCollection services)
    {
        services.AddSingleton<PromptRecords>().AddSingleton<PromptSources>().AddSingleton<PromptRegistry>().AddHostedService(provider => provider.GetRequiredService<PromptRegistry>());
        services.AddSingleton<PromptLabels>().AddSingleton<PromptExperiments>().AddSingleton<ExposureTable>().AddSingleton<AnswerFeedback>().AddSingleton<EvaluationTable>();
        services.AddSingleton<ExperimentGuard>().AddHostedService(provider => provider.GetRequiredService<ExperimentGuard>());
        services.AddHealthChecks().AddCheck<PromptRegistry>("prompts");
        return services;
    }
}
