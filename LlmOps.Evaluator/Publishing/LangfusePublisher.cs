using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Gateway.Telemetry.Otlp;

namespace LlmOps.Evaluator.Publishing;

/// <summary>
/// Langfuse 2, 3 and 4: the cases as a dataset, each variant (and repeat) as an experiment on it, each answer as a trace with its
/// scores. Texts are sent, whatever the gateway captures: a dataset is no traffic. Ids are made from the evaluation's, so that what is told again is there once.
/// </summary>
internal sealed class LangfusePublisher(LangfuseApi api, TimeProvider time) : IPublisher
{
    /// <summary>Langfuse's environment of evaluations, apart from traffic.</summary>
    public const string Environment = "evaluation";

    private const string Source = "LlmOps.Evaluator";
    private const int CallsAtOnce = 8;
    private const int AnswersAtOnce = 200;
    private const int BytesBesideTexts = 1_000;

    // Langfuse 4 has runs of datasets no more: it reads experiments off the spans.
    private const int FirstWithExperiments = 4;

    private static readonly string ProgramsVersion = ProgramVersion.Shown(new EndpointOptions());

    private readonly Retries _retries = new(time);

    /// <inheritdoc/>
    public string Name => Publishers.Langfuse;

    /// <summary>An experiment in words.</summary>
    public static string Describe(EvaluationResult evaluation, Variant variant) =>
        $"{evaluation.Prompt} {variant.Name}{(variant == evaluation.Variants[0] ? ", the baseline" : $", compared with {evaluation.Variants[0].Name}")}; the evaluation: {evaluation.Gate.Status.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public async Task PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken)
    {
        try
        {
            var version = await _retries.RunAsync(() => api.FindVersionAsync(cancellationToken), cancellationToken);
            var (datasets, names) = (new LangfuseDatasets(api, _retries), new LangfuseNames(result));
            var dataset = await datasets.PutAsync(names.Dataset, result.Prompt, cancellationToken);
            await ForEachAsync(result.Cases, each => datasets.PutItemAsync(names.Dataset, names.Item(each), each, cancellationToken), cancellationToken);

            List<LangfuseAnswer> answers = [.. result.Cases.SelectMany(each => each.Answers.Select(answer => new LangfuseAnswer(result, names, each, answer)))];
            var events = new LangfuseAnswerEvents(result.Metrics.ToDictionary(metric => metric.Name, metric => metric.Kind), version);
            var hasRuns = version.Major < FirstWithExperiments;
            var refused = new Refusals();
            if (version.TakesOtlp)
            {
                // Scores first: spans that are sent again may be there twice.
                await IngestAsync(answers, events.Scores, refused, cancellationToken);
                await ExportAsync(hasRuns ? answers : await MissingAsync(datasets, result, answers, cancellationToken), new LangfuseAnswerSpan(hasRuns ? null : dataset), cancellationToken);
            }
            else
            {
                await IngestAsync(answers, answer => events.Answer(answer).Concat(events.Scores(answer)), refused, cancellationToken);
            }

            if (hasRuns)
            {
                await AddToRunsAsync(datasets, names, answers, cancellationToken);
            }

            refused.ThrowIfAny();
        }
        catch (Exception exception) when (exception is SinkException or BatchRefusedException)
        {
            throw new PublishException(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => api.Dispose();

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> call, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken }, async (item, _) => await call(item));

    private static async Task<List<LangfuseAnswer>> MissingAsync(LangfuseDatasets datasets, EvaluationResult result, List<LangfuseAnswer> answers, CancellationToken cancellationToken)
    {
        List<LangfuseAnswer> missing = [];
        foreach (var experiment in answers.GroupBy(answer => answer.Names.Experiment(answer.Result)))
        {
            var there = await datasets.ExperimentTracesAsync(experiment.Key, result.StartedAt, cancellationToken);
            missing.AddRange(experiment.Where(answer => !there.Contains(answer.TraceId)));
        }

        return missing;
    }

    private static async Task AddToRunsAsync(LangfuseDatasets datasets, LangfuseNames names, List<LangfuseAnswer> answers, CancellationToken cancellationToken)
    {
        foreach (var run in answers.GroupBy(answer => names.Run(answer.Result)))
        {
            var there = await datasets.RunTracesAsync(names.Dataset, run.Key, cancellationToken);
            await ForEachAsync(
                run.Where(answer => !there.Contains(answer.TraceId)),
                answer => datasets.AddToRunAsync(run.Key, Describe(answer.Evaluation, answer.Variant), names.Item(answer.Case), answer.TraceId, cancellationToken),
                cancellationToken);
        }
    }

    private async Task IngestAsync(
        List<LangfuseAnswer> answers, Func<LangfuseAnswer, IEnumerable<IngestionEvent<LangfuseAnswer>>> write, Refusals refused, CancellationToken cancellationToken)
    {
        foreach (var some in answers.Chunk(AnswersAtOnce))
        {
            var left = some;
            IngestionBatch<LangfuseAnswer> batch = new();
            await _retries.RunAsync(
                async () =>
                {
                    batch = new IngestionBatch<LangfuseAnswer>();
                    await batch.SendAsync(api, [.. left.SelectMany(write)], cancellationToken);
                    refused.Add(batch);
                    if (batch.Again.Count > 0)
                    {
                        left = [.. batch.Again];
                        throw new SinkException($"Langfuse fails to take {left.Length} answers with their scores.") { IsPassing = true };
                    }
                },
                cancellationToken);
        }
    }

    private async Task ExportAsync(List<LangfuseAnswer> answers, LangfuseAnswerSpan spans, CancellationToken cancellationToken)
    {
        var resource = new Dictionary<string, object> { ["service.name"] = "llmops-evaluator", ["service.version"] = ProgramsVersion };
        List<OtlpSpan> some = [];
        var size = 0L;
        foreach (var span in answers.Select(spans.Of))
        {
            var bytes = BytesBesideTexts + span.Attributes.Values.OfType<string>().Sum(text => (long)System.Text.Encoding.UTF8.GetByteCount(text));
            if (some.Count > 0 && (size + bytes > IngestionLimits.MostBytes || some.Count == AnswersAtOnce))
            {
                await SendAsync();
            }

            some.Add(span);
            size += bytes;
        }

        if (some.Count > 0)
        {
            await SendAsync();
        }

        async Task SendAsync()
        {
            var body = OtlpEncoder.Encode(resource, Source, ProgramsVersion, some);
            await _retries.RunAsync(() => api.ExportAsync(body, cancellationToken), cancellationToken);
            (some, size) = ([], 0);
        }
    }

    private sealed class Refusals
    {
        private int _count;
        private string? _reason;

        public void Add(IngestionBatch<LangfuseAnswer> batch) => (_count, _reason) = (_count + batch.Refused.Count, _reason ?? batch.Reason);

        public void ThrowIfAny()
        {
            if (_count > 0)
            {
                throw new PublishException($"Langfuse refuses {_count} answers, or scores of them: {_reason}");
            }
        }
    }
}
