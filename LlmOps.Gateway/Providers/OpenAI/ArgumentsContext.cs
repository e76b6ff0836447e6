using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Source-generated JSON for the arguments of a tool call.</summary>
[JsonSerializable(typeof(Dictionary<string, object>), TypeInfoPropertyName = "DictionaryStringObject")]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ArgumentsContext : JsonSerializerContext;
