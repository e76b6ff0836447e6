using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>report.json: written and read as a stream, so that its size costs no memory beside the result's own.</summary>
internal static class ReportJson
{
    // Texts stay readable in all scripts. <, > and & are escaped: within an HTML page no text can end the element that holds it.
    private static readonly ResultJson Json = new(new JsonSerializerOptions(ResultJson.Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });

    // Generated code leaves init-only properties that a file does not have without their initial value; reflection does not, and refuses nulls.
    private static readonly JsonSerializerOptions Reading = new(ResultJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
    };

    /// <summary>Writes it.</summary>
    public static Task WriteAsync(EvaluationResult result, Stream stream, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(stream, result, Json.EvaluationResult, cancellationToken);

    /// <summary>Reads it.</summary>
    /// <param name="stream">Seekable: its form is read before all else, so that another one is said to be that.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">It is of another form, or damaged.</exception>
    public static async Task<EvaluationResult> ReadAsync(Stream stream, string path, CancellationToken cancellationToken)
    {
        try
        {
            var form = await JsonSerializer.DeserializeAsync(stream, ReportFormJson.Default.ReportForm, cancellationToken);
            if (form?.Format != EvaluationResult.CurrentFormat)
            {
                throw new BadInputException($"'{path}', field format: {(form?.Format is { } other ? $"'{other}'" : "there is none")}; expected '{EvaluationResult.CurrentFormat}', as this program writes it.");
            }

            stream.Position = 0;
            var result = await JsonSerializer.DeserializeAsync<EvaluationResult>(stream, Reading, cancellationToken);
            return ResultCheck.Checked(result!, path);
        }
        catch (JsonException exception)
        {
            var line = exception.LineNumber is { } number ? FormattableString.Invariant($", line {number + 1}, byte {exception.BytePositionInLine + 1}") : "";
            var field = exception.Path is { } name ? $", field {name}" : "";
            throw new BadInputException($"'{path}'{line}{field}: {exception.Message} Expected a {ReportFiles.JsonName} as this program writes it.");
        }
    }
}

/// <summary>What any form of a report says of itself.</summary>
/// <param name="Format">Its form; null for none.</param>
internal sealed record ReportForm(string? Format);

/// <summary>How it is read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReportForm))]
internal sealed partial class ReportFormJson : JsonSerializerContext;
