using LlmOps.Gateway.Endpoints.Administration;
using LlmOps.Gateway.Endpoints.Prompts;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Json;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How the gateway writes JSON.</summary>
internal static class Json
{
    /// <summary>Text goes out as UTF-8 rather than \u escapes, as providers send it; the bodies are never embedded in HTML.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A time as replies tell it: by UTC, to the millisecond, such as 2026-01-31T12:00:00.123Z.</summary>
    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The same for replies that endpoints return, by generated code.</summary>
    public static IServiceCollection AddGatewayJson(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Encoder = WriterOptions.Encoder;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ReplyContext.Default);
        });
}

/// <summary>Source-generated JSON of everything that endpoints return.</summary>
[JsonSerializable(typeof(ChatReply))]
[JsonSerializable(typeof(InvokeReply))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(InfoReply))]
[JsonSerializable(typeof(ConfigurationReply))]
[JsonSerializable(typeof(RoutingReply))]
[JsonSerializable(typeof(ToolsReply))]
[JsonSerializable(typeof(CacheStatsReply))]
[JsonSerializable(typeof(CacheClearedReply))]
[JsonSerializable(typeof(VirtualKeyReply))]
[JsonSerializable(typeof(AdminList<VirtualKeyReply>))]
[JsonSerializable(typeof(TenantReply))]
[JsonSerializable(typeof(AdminList<TenantReply>))]
[JsonSerializable(typeof(TeamReply))]
[JsonSerializable(typeof(AdminList<TeamReply>))]
[JsonSerializable(typeof(UserReply))]
[JsonSerializable(typeof(AdminList<UserReply>))]
[JsonSerializable(typeof(TokenReply))]
[JsonSerializable(typeof(VerifyReply))]
[JsonSerializable(typeof(UsageReply))]
[JsonSerializable(typeof(PromptList))]
[JsonSerializable(typeof(PromptReply))]
[JsonSerializable(typeof(RenderedReply))]
[JsonSerializable(typeof(PromptsReply))]
[JsonSerializable(typeof(MoveReply))]
[JsonSerializable(typeof(MoveList))]
[JsonSerializable(typeof(ExperimentList))]
[JsonSerializable(typeof(ExperimentReply))]
[JsonSerializable(typeof(ExperimentReportReply))]
[JsonSerializable(typeof(EvaluationList))]
[JsonSerializable(typeof(EvaluationReply))]
[JsonSerializable(typeof(FeedbackReply))]
[JsonSerializable(typeof(TraceList))]
[JsonSerializable(typeof(TraceReply))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(StatsReply))]
[JsonSerializable(typeof(SecurityMetricsReply))]
internal sealed partial class ReplyContext : JsonSerializerContext;
