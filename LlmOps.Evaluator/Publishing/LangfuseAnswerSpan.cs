using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Evaluator.Publishing;

/// <summary>
/// Writes an answer as the one span of its trace, by OTLP: https://langfuse.com/integrations/native/opentelemetry/experiments.
/// Langfuse 4 makes an item of an experiment of it by its attributes.
/// </summary>
/// <param name="dataset">The dataset's id, for the attributes of an experiment; null where runs of datasets are told otherwise.</param>
internal sealed class LangfuseAnswerSpan(string? dataset)
{
    private const string Observation = "langfuse.observation.";
    private const string Experiment = "langfuse.experiment.";
    private const string Item = "langfuse.experiment.item.";

    /// <summary>The span.</summary>
    public OtlpSpan Of(LangfuseAnswer answer)
    {
        var id = LangfuseNames.Span(answer.TraceId);
        var attributes = new Dictionary<string, object>
        {
            ["langfuse.trace.name"] = answer.Name,
            ["langfuse.trace.tags"] = answer.Tags,
            ["langfuse.environment"] = LangfusePublisher.Environment,
            [Observation + "type"] = "generation",
            [Observation + "input"] = LangfuseJson.Text(answer.WriteInput),
            [Observation + "model.parameters"] = LangfuseJson.Text(answer.WriteParameters),
        };
        foreach (var (name, value) in answer.Details)
        {
            attributes[$"langfuse.trace.metadata.{name}"] = value;
        }

        if (answer.Version is { } version)
        {
            attributes[Observation + "prompt.name"] = answer.Evaluation.Prompt;
            attributes[Observation + "prompt.version"] = version;
        }

        if (answer.Call is { } call)
        {
            attributes[Observation + "output"] = LangfuseJson.Text(answer.WriteOutput);
            attributes[Observation + "model.name"] = call.Model;
            LangfuseSpans.AddUsage(attributes, call);
        }
        else
        {
            attributes[Observation + "level"] = "ERROR";
            attributes[Observation + "status_message"] = answer.Result.Failure ?? "";
        }

        if (dataset is not null)
        {
            AddExperiment(attributes, answer, id);
        }

        var span = new TraceSpan { Id = id, Name = answer.Name, Kind = "internal", StartedAt = answer.At, DurationMs = answer.Result.Answer?.LatencyMs ?? 0, Error = answer.Result.Failure };
        return new OtlpSpan(answer.TraceId, span, attributes);
    }

    private void AddExperiment(Dictionary<string, object> attributes, LangfuseAnswer answer, string id)
    {
        var (names, evaluation, result) = (answer.Names, answer.Evaluation, answer.Result);
        attributes[Experiment + "id"] = names.Experiment(result);
        attributes[Experiment + "name"] = names.Run(result);
        attributes[Experiment + "dataset.id"] = dataset!;
        attributes[Experiment + "description"] = LangfusePublisher.Describe(evaluation, answer.Variant);
        attributes[Experiment + "metadata.evaluation"] = evaluation.Id;
        attributes[Experiment + "metadata.variant"] = answer.Variant.Name;
        attributes[Experiment + "metadata.dataset_hash"] = evaluation.Run.DatasetHash;
        attributes[Item + "id"] = names.Item(answer.Case);
        attributes[Item + "root_observation_id"] = id;
        attributes[Item + "metadata.case"] = answer.Case.Id;
        if (answer.Case.Expected is { } expected)
        {
            attributes[Item + "expected_output"] = LangfuseJson.Text(expected.WriteTo);
        }
    }
}
