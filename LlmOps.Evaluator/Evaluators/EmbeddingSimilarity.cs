using System.Collections.Concurrent;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Caching.Semantic.Local;
using LlmOps.Gateway.Embeddings;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>How near an answer is in meaning to the nearest of its references: the cosine of their embeddings, -1 to 1.</summary>
internal sealed class EmbeddingSimilarity : IEvaluator
{
    /// <summary>What it is asked for by.</summary>
    public const string Type = "embedding_similarity";

    // Changes with how the score is made.
    private const string Format = "embedding-1";

    // At 1536 numbers of 4 bytes, 60 MB.
    private const int MostKept = 10_000;

    private readonly GatewayClient _gateway;
    private readonly string _model;

    // The vectors of references, which every variant and repeat is held against; null for one that has no direction.
    private readonly ConcurrentDictionary<string, float[]?> _kept = new();

    private EmbeddingSimilarity(SettingsReader settings, GatewayClient gateway, string model)
    {
        (_gateway, _model) = (gateway, model);
        Metric = settings.Metric(MetricKind.Score);
        Fingerprint = string.Join('\n', Format, Type, model);
    }

    /// <inheritdoc/>
    public Metric Metric { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public bool CallsModel => true;

    /// <summary>Makes one. Setting: model, an embedding model (offline-embedding by default).</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="context">Who embeds.</param>
    /// <exception cref="BadInputException">A setting is not right.</exception>
    public static IEvaluator Make(SettingsReader settings, EvaluatorContext context) => new EmbeddingSimilarity(settings, context.Gateway, settings.Text("model") ?? "offline-embedding");

    /// <inheritdoc/>
    public async ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        var references = ReferencesOf(answer.Case);
        if (references.Count == 0)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(answer.Answer.Text))
        {
            // Nothing has no meaning that could be near; embedding models take no empty text.
            return new Score(0, "The answer is empty.");
        }

        var known = new Dictionary<string, float[]?>();
        foreach (var reference in references)
        {
            if (_kept.TryGetValue(reference, out var vector))
            {
                known[reference] = vector;
            }
        }

        List<string> missing = [.. references.Where(reference => !known.ContainsKey(reference))];
        var reply = await _gateway.EmbedAsync(_model, [answer.Answer.Text, .. missing], cancellationToken);
        foreach (var (reference, vector) in missing.Zip(reply.Vectors.Skip(1)))
        {
            known[reference] = Normalized(vector);
        }

        Keep(known);
        return Compare(Normalized(reply.Vectors[0]), [.. references.Select(reference => known[reference])]).Costing(reply.CostUsd);
    }

    private static List<string> ReferencesOf(EvaluationCase asked)
    {
        IEnumerable<string> given = asked.References.Count > 0 ? asked.References : asked.ExpectedText is { } expected ? [expected] : [];
        return [.. given.Where(text => !string.IsNullOrWhiteSpace(text)).Distinct()];
    }

    private static Score Compare(float[]? answer, IReadOnlyList<float[]?> references)
    {
        if (answer is null || references.Any(reference => reference?.Length != answer.Length))
        {
            return Score.Failed($"The embedding of {(answer is null ? "the answer" : "a reference")} is of no length, or of another one.");
        }

        var (best, nearest) = references.Select((reference, index) => (Cosine: (double)VectorSlots.Similarity(answer, reference), index)).MaxBy(pair => pair.Cosine);
        return new Score(best, references.Count > 1 ? $"Nearest to reference {nearest + 1} of {references.Count}." : null);
    }

    // Null where it is all zeros, or has what is no number.
    private static float[]? Normalized(float[] vector) => Array.TrueForAll(vector, float.IsFinite) && Vectors.TryNormalize(vector) ? vector : null;

    private void Keep(Dictionary<string, float[]?> vectors)
    {
        if (_kept.Count + vectors.Count > MostKept)
        {
            _kept.Clear();
        }

        foreach (var (text, vector) in vectors)
        {
            _kept[text] = vector;
        }
    }
}
