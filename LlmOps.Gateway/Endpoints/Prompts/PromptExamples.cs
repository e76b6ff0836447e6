using Microsoft.OpenApi;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>Bodies of the endpoints of prompts and experiments, for the OpenAPI document.</summary>
internal static class PromptExamples
{
    public static ApiExample Run { get; } = new(
        ApiExamples.Body(
            [],
            ("variables", Object("The values of the prompt's variables, by name.")),
            ("version", ApiExamples.String("A version, such as v2.")),
            ("label", ApiExamples.String("A label, such as staging; without either, what the experiment or production says.")),
            ("model", ApiExamples.String("In place of the prompt's model.")),
            ("temperature", ApiExamples.Number("0 to 2; the prompt's, else 0.7 by default.")),
            ("max_tokens", ApiExamples.Integer("Most tokens of the answer; the prompt's, else 1024 by default.")),
            ("stream", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "The answer's text as it comes, text/plain." }),
            ("user", ApiExamples.String("As X-LlmOps-User.")),
            ("session", ApiExamples.String("As X-LlmOps-Session."))),
        """{"variables":{"text":"The library opens at nine. It closes at five. On Sundays it stays shut."}}""");

    public static ApiExample Summarize { get; } = new(
        ApiExamples.Body(
            [],
            ("text", ApiExamples.String("What to summarize; also prompt.")),
            ("context", ApiExamples.String("Goes before the text, under a heading.")),
            ("system", ApiExamples.String("What else the model is told.")),
            ("variables", Object("The values of the prompt's other variables.")),
            ("version", ApiExamples.String("A version of the prompt, such as v2.")),
            ("label", ApiExamples.String("A label, such as staging.")),
            ("model", ApiExamples.String("In place of the prompt's model.")),
            ("temperature", ApiExamples.Number("0 to 2.")),
            ("max_tokens", ApiExamples.Integer("Most tokens of the answer."))),
        """{"text":"The library opens at nine. It closes at five. On Sundays it stays shut."}""");

    public static ApiExample Render { get; } = new(
        ApiExamples.Body([], ("variables", Object("The values of the prompt's variables.")), ("version", ApiExamples.String("A version.")), ("label", ApiExamples.String("A label; production by default."))),
        """{"variables":{"text":"The library opens at nine."}}""");

    public static ApiExample Move { get; } = new(
        ApiExamples.Body(["version"], ("version", ApiExamples.String("The version that the label is to name, such as v2.")), ("comment", ApiExamples.String("Why."))),
        """{"version":"v2","comment":"shorter answers"}""");

    public static ApiExample Comment { get; } = new(ApiExamples.Body([], ("comment", ApiExamples.String("Why."))), """{"comment":"v2 invents figures"}""");

    public static ApiExample Experiment { get; } = new(
        ApiExamples.Body(
            ["name", "prompt", "variants"],
            ("name", ApiExamples.String("A name that no experiment has had.")),
            ("prompt", ApiExamples.String("The prompt.")),
            ("variants", new OpenApiSchema { Type = JsonSchemaType.Array, Items = Object("name, version, weight, model, parameters."), Description = "What is compared; the first is what the others are compared with." }),
            ("unit", ApiExamples.String("What always sees the same variant: request, user, session or key.")),
            ("salt", ApiExamples.String("Makes the assignment another one; the name by default.")),
            ("share", ApiExamples.Number("The part of the units that takes part, 0 to 1.")),
            ("state", ApiExamples.String("draft or running.")),
            ("guard", Object("By how much a variant may be worse than the first before it is paused, by measure: error_rate, latency_ms, tokens, cost_usd, feedback.")),
            ("description", ApiExamples.String("What it is to find out."))),
        """{"name":"shorter","prompt":"summarizer","unit":"user","state":"running","variants":[{"version":"v1"},{"version":"v2"}]}""");

    public static ApiExample ExperimentChange { get; } = new(
        ApiExamples.Body(
            [],
            ("state", ApiExamples.String("running or paused.")),
            ("share", ApiExamples.Number("0 to 1.")),
            ("guard", Object("As when it was made.")),
            ("variants", Object("running or paused, by the variant's name.")),
            ("comment", ApiExamples.String("Why."))),
        """{"share":0.5}""");

    public static ApiExample Decision { get; } = new(
        ApiExamples.Body(["winner"], ("winner", ApiExamples.String("The variant whose version production is to name.")), ("comment", ApiExamples.String("Why."))),
        """{"winner":"v2","comment":"fewer tokens, the same scores"}""");

    public static ApiExample Feedback { get; } = new(
        ApiExamples.Body(
            ["request_id", "score"],
            ("request_id", ApiExamples.String("X-Request-ID of a request of yours; the newest of that id.")),
            ("score", ApiExamples.Number("Any finite number; 0 or 1 for a yes or no.")),
            ("name", ApiExamples.String("What is scored; score by default. The same name again replaces a score.")),
            ("comment", ApiExamples.String("In words."))),
        """{"request_id":"6b1ff9c0-52a5-4a55-8f1c-d3dfbf1f5c39","score":1}""");

    public static ApiExample Evaluation { get; } = new(
        ApiExamples.Body(
            ["id", "prompt", "started_at", "ended_at", "run", "variants", "metrics", "case_count", "summaries", "comparisons", "gate"],
            ("format", ApiExamples.String("llmops-evaluation/1.")),
            ("id", ApiExamples.String("A UUID; the same again changes nothing.")),
            ("prompt", ApiExamples.String("The prompt.")),
            ("started_at", ApiExamples.String("When it began.")),
            ("ended_at", ApiExamples.String("When it ended.")),
            ("run", Object("What was asked for, and what it took.")),
            ("variants", List("name, version, model, content_hash, parameters; the first is what the others are compared with.")),
            ("metrics", List("name, type, kind, direction, is_quality, is_pairwise, unit, settings, judge.")),
            ("case_count", ApiExamples.Integer("How many cases it has; the cases themselves stay with the report.")),
            ("summaries", List("Each variant by each metric: mean, interval, median, p95, standard_deviation.")),
            ("comparisons", List("Each variant with the first by each metric: difference, interval, p_value, verdict, words.")),
            ("position_biases", List("How far judges favour what they read first.")),
            ("human_agreements", List("How far judges agree with people.")),
            ("gate", Object("status: Passed, Regression or Incomplete; rules; incomplete."))),
        """
        {"id":"0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a70","prompt":"summarizer","started_at":"2026-01-31T12:00:00Z","ended_at":"2026-01-31T12:01:00Z","case_count":40,
        "run":{"dataset":"dataset.jsonl","dataset_hash":"9f2c","seed":1,"repeats":1,"concurrency":8,"confidence":0.95,"cost_usd":0,"unpriced_calls":0,"calls":80,"reused":0},
        "variants":[{"name":"v1","version":"v1","content_hash":"ab"},{"name":"v2","version":"v2","content_hash":"cd"}],
        "metrics":[{"name":"rouge_l","type":"rouge_l","kind":"Score","direction":"HigherIsBetter"}],
        "summaries":[{"variant":"v1","metric":"rouge_l","cases":40,"missing":0,"mean":0.41},{"variant":"v2","metric":"rouge_l","cases":40,"missing":0,"mean":0.47}],
        "comparisons":[{"baseline":"v1","variant":"v2","metric":"rouge_l","cases":40,"missing":0,"difference":0.06,"p_value":0.003,"verdict":"Better","words":"better: 0.06 more"}],
        "gate":{"status":"Passed","rules":[],"incomplete":[]}}
        """);

    private static OpenApiSchema List(string description) => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object }, Description = description };

    private static OpenApiSchema Object(string description) => new() { Type = JsonSchemaType.Object, Description = description };
}
