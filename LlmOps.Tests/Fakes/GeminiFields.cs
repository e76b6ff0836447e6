using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// The request's fields that Gemini knows, object by object; it refuses all others, as protobuf does. A type after the
/// colon says what is inside, with [] for lists, {} for maps and Struct for any JSON object.
/// </summary>
internal static partial class GeminiFields
{
    private static readonly Dictionary<string, Dictionary<string, string>> Types = new Dictionary<string, string>
    {
        ["Request"] = "model contents:Content[] systemInstruction:Content tools:Tool[] toolConfig:ToolConfig safetySettings:SafetySetting[] generationConfig:GenerationConfig cachedContent serviceTier store",
        ["Content"] = "role parts:Part[]",
        ["Part"] = "text thought thoughtSignature inlineData:Blob fileData:FileData functionCall:FunctionCall functionResponse:FunctionResponse executableCode codeExecutionResult videoMetadata mediaResolution partMetadata:Struct",
        ["Blob"] = "mimeType data",
        ["FileData"] = "mimeType fileUri",
        ["FunctionCall"] = "id name args:Struct",
        ["FunctionResponse"] = "id name response:Struct parts scheduling willContinue",
        ["Tool"] = "functionDeclarations:FunctionDeclaration[] googleSearch googleSearchRetrieval codeExecution urlContext computerUse fileSearch googleMaps mcpServers",
        ["FunctionDeclaration"] = "name description behavior parameters:Schema parametersJsonSchema response:Schema responseJsonSchema",
        ["Schema"] = "type format title description nullable enum maxItems minItems properties:Schema{} required minProperties maxProperties minLength maxLength pattern example anyOf:Schema[] propertyOrdering default items:Schema minimum maximum",
        ["ToolConfig"] = "functionCallingConfig:FunctionCallingConfig retrievalConfig includeServerSideToolInvocations",
        ["FunctionCallingConfig"] = "mode allowedFunctionNames",
        ["SafetySetting"] = "category threshold",
        ["GenerationConfig"] = "stopSequences responseMimeType responseSchema:Schema responseJsonSchema _responseJsonSchema responseModalities candidateCount maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers speechConfig thinkingConfig:ThinkingConfig imageConfig mediaResolution",
        ["ThinkingConfig"] = "includeThoughts thinkingBudget thinkingLevel",
    }.ToDictionary(type => type.Key, type => type.Value.Split(' ').Select(field => field.Split(':')).ToDictionary(field => field[0], field => field.ElementAtOrDefault(1) ?? ""));

    /// <summary>The error for the first unknown field or wrong kind of value; null when all is well.</summary>
    public static GeminiError? Check(JsonElement request) => CheckObject(request, "Request", path: "");

    private static GeminiError? CheckObject(JsonElement json, string type, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return Wrong(path, $"Invalid value at '{path}' (type.googleapis.com/google.ai.generativelanguage.v1beta.{type}), {json.GetRawText()}");
        foreach (JsonProperty property in json.EnumerateObject())
        {
            string name = AfterUnderscore().Replace(property.Name, match => match.Groups[1].Value.ToUpperInvariant());
            if (!Types[type].TryGetValue(name, out string? inner))
                return Wrong(path, $"Invalid JSON payload received. Unknown name \"{property.Name}\"{(path.Length == 0 ? "" : $" at '{path}'")}: Cannot find field.");
            string inside = (path.Length == 0 ? "" : path + ".") + Capital().Replace(name, match => "_" + match.Value.ToLowerInvariant());
            if (inner.Length > 0 && property.Value.ValueKind != JsonValueKind.Null && CheckValue(property.Value, inner, inside) is { } error)
                return error;
        }
        return null;
    }

    private static GeminiError? CheckValue(JsonElement json, string type, string path) => type switch
    {
        "Struct" => json.ValueKind == JsonValueKind.Object
            ? null
            : Wrong(path, $"Invalid value at '{path}' (type.googleapis.com/google.protobuf.Struct), {json.GetRawText()}"),
        [.. var item, '[', ']'] => json.ValueKind == JsonValueKind.Array
            ? First(json.EnumerateArray().Select((value, at) => CheckObject(value, item, $"{path}[{at}]")))
            : CheckObject(json, item, path),
        [.. var item, '{', '}'] => json.ValueKind == JsonValueKind.Object
            ? First(json.EnumerateObject().Select((value, at) => CheckObject(value.Value, item, $"{path}[{at}].value")))
            : Wrong(path, $"Invalid value at '{path}' (Map), {json.GetRawText()}"),
        _ => json.ValueKind == JsonValueKind.Array
            ? Wrong(path, $"Invalid JSON payload received. Unknown name \"{path.Split('.')[^1]}\": Proto field is not repeating, cannot start list.")
            : CheckObject(json, type, path),
    };

    private static GeminiError? First(IEnumerable<GeminiError?> errors) => errors.FirstOrDefault(error => error is not null);

    private static GeminiError Wrong(string path, string message) => new(400, message, FakeGemini.BadRequest(path, message));

    [GeneratedRegex("(?<!^)_([a-z])")]
    private static partial Regex AfterUnderscore();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
