using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>What the topics of metrics and errors have, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RequestNumbers))]
[JsonSerializable(typeof(RequestFailure))]
internal sealed partial class EventJson : JsonSerializerContext;
