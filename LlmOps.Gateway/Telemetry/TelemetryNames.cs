namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// All names of spans, attributes and metrics: OpenTelemetry's semantic conventions for generative AI 1.41.1, and our own under <c>llmops.</c>
/// </summary>
internal static class TelemetryNames
{
    /// <summary>The source of spans and the meter.</summary>
    public const string Source = "LlmOps.Gateway";

    // Spans.
    public const string Chat = "chat";
    public const string Embeddings = "embeddings";
    public const string ExactCache = "cache exact";
    public const string SemanticCache = "cache semantic";
    public const string Coalesced = "cache coalesced";
    public const string InputGuardrails = "guardrail input";
    public const string ExecuteTool = "execute_tool";
    public const string OutputGuardrails = "guardrail output";

    // Attributes of the conventions.
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string ConversationId = "gen_ai.conversation.id";
    public const string OutputType = "gen_ai.output.type";
    public const string RequestModel = "gen_ai.request.model";
    public const string RequestStream = "gen_ai.request.stream";
    public const string RequestSeed = "gen_ai.request.seed";
    public const string RequestChoiceCount = "gen_ai.request.choice.count";
    public const string RequestTemperature = "gen_ai.request.temperature";
    public const string RequestTopP = "gen_ai.request.top_p";
    public const string RequestTopK = "gen_ai.request.top_k";
    public const string RequestMaxTokens = "gen_ai.request.max_tokens";
    public const string RequestFrequencyPenalty = "gen_ai.request.frequency_penalty";
    public const string RequestPresencePenalty = "gen_ai.request.presence_penalty";
    public const string RequestStopSequences = "gen_ai.request.stop_sequences";
    public const string ResponseId = "gen_ai.response.id";
    public const string ResponseModel = "gen_ai.response.model";
    public const string ResponseFinishReasons = "gen_ai.response.finish_reasons";
    public const string ResponseTimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CacheReadTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string CacheCreationTokens = "gen_ai.usage.cache_creation.input_tokens";
    public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
    public const string TokenType = "gen_ai.token.type";
    public const string InputMessages = "gen_ai.input.messages";
    public const string OutputMessages = "gen_ai.output.messages";
    public const string SystemInstructions = "gen_ai.system_instructions";
    public const string ToolName = "gen_ai.tool.name";
    public const string ToolType = "gen_ai.tool.type";
    public const string ToolDescription = "gen_ai.tool.description";
    public const string ToolCallId = "gen_ai.tool.call.id";
    public const string ToolCallArguments = "gen_ai.tool.call.arguments";
    public const string ToolCallResult = "gen_ai.tool.call.result";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string RequestMethod = "http.request.method";
    public const string Route = "http.route";
    public const string ResponseStatus = "http.response.status_code";

    // Attributes of our own.
    public const string RequestId = "llmops.request.id";
    public const string Tenant = "llmops.tenant";
    public const string Subject = "llmops.subject";
    public const string Prompt = "llmops.prompt.name";
    public const string PromptVersion = "llmops.prompt.version";
    public const string Experiment = "llmops.experiment";
    public const string Variant = "llmops.variant";
    public const string User = "llmops.user";
    public const string Outcome = "llmops.outcome";
    public const string Attempt = "llmops.attempt";
    public const string Cost = "llmops.cost.usd";
    public const string CostEstimated = "llmops.cost.estimated";
    public const string Cache = "llmops.cache.outcome";
    public const string CacheSimilarity = "llmops.cache.similarity";
    public const string CacheRefusal = "llmops.cache.refusal";
    public const string Guardrails = "llmops.guardrail.rules";
    public const string Degraded = "llmops.degraded";
    public const string ConfigurationVersion = "llmops.configuration";
    public const string UpstreamRequestId = "llmops.provider.request_id";

    // Metrics of the conventions.
    public const string OperationDuration = "gen_ai.client.operation.duration";
    public const string TokenUsage = "gen_ai.client.token.usage";
    public const string TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk";
    public const string TimePerOutputChunk = "gen_ai.client.operation.time_per_output_chunk";

    // Metrics of our own.
    public const string CacheRequests = "llmops.cache.requests";
    public const string CostMetric = "llmops.cost";
    public const string Unpriced = "llmops.cost.unpriced";
    public const string RateLimitRejected = "llmops.ratelimit.rejected";
    public const string GuardrailRefused = "llmops.guardrail.refused";
    public const string ToolDuration = "llmops.tool.duration";
    public const string KeptAnswers = "llmops.tool.kept";
    public const string ProviderAttempts = "llmops.provider.attempts";
    public const string DependencyState = "llmops.dependency.state";
    public const string JournalDepth = "llmops.ledger.journal.depth";
    public const string JournalSize = "llmops.ledger.journal.size";
    public const string JournalDropped = "llmops.ledger.journal.dropped";
    public const string JournalDamaged = "llmops.ledger.journal.damaged";
    public const string JudgeAnswers = "llmops.judge.answers";
    public const string SinkDelivered = "llmops.sink.delivered";
    public const string SinkDropped = "llmops.sink.dropped";
    public const string SinkWaiting = "llmops.sink.waiting";
    public const string SinkSpooled = "llmops.sink.spooled";
}
