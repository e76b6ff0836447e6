using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.JsonSchema;

namespace LlmOps.Gateway.Prompts.Evaluations;

/// <summary>The form of an evaluation: evaluation.schema.json beside this file.</summary>
internal static class EvaluationSchema
{
    private static readonly Lazy<Schema> Known = new(Read);

    /// <summary>Checks an evaluation's form.</summary>
    /// <exception cref="GatewayException">400: names the field that is wrong, and what was expected.</exception>
    public static void Check(JsonBody body)
    {
        if (Known.Value.Validate(body.Root) is [var fault, ..])
        {
            // $.run.seed is run.seed in all messages of the API.
            var field = fault.Path.TrimStart('$').TrimStart('.');
            throw field.Length == 0
                ? new GatewayException(ErrorCode.InvalidValue, $"The body {fault.Message}.")
                : new GatewayException(ErrorCode.InvalidValue, $"{Shown.Short(field)} {fault.Message}.", Shown.Short(field));
        }
    }

    private static Schema Read()
    {
        using var stream = typeof(EvaluationSchema).Assembly.GetManifestResourceStream("LlmOps.Gateway.Prompts.Evaluations.evaluation.schema.json")!;
        using var document = JsonDocument.Parse(stream);
        return Schema.Parse(document.RootElement);
    }
}
