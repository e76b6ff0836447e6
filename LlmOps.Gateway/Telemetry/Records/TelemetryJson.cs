using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>Telemetry as JSON: of the trace store, of the spool on the disk, and of what is sent as it is.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(NanoUsdNumber)])]
[JsonSerializable(typeof(TelemetryEvent))]
[JsonSerializable(typeof(RequestTrace))]
[JsonSerializable(typeof(ScoreGiven))]
internal sealed partial class TelemetryJson : JsonSerializerContext
{
    /// <summary>One event, on one line.</summary>
    public static byte[] Write(TelemetryEvent telemetry) => JsonSerializer.SerializeToUtf8Bytes(telemetry, Default.TelemetryEvent);

    /// <summary>That event again.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static TelemetryEvent Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.TelemetryEvent) ?? throw new JsonException("It is null.");
}

/// <summary>Money as a number of nano-USD.</summary>
internal sealed class NanoUsdNumber : JsonConverter<NanoUsd>
{
    /// <inheritdoc/>
    public override NanoUsd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, NanoUsd value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}
