using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Reads JSON Lines: a case a line; empty lines are passed over.</summary>
internal static class JsonlCases
{
    /// <summary>Reads them.</summary>
    public static void Read(byte[] bytes, CaseList cases, FaultList faults)
    {
        foreach (var (number, line) in InputFile.Lines(bytes).Where(line => line.Line.Span.ContainsAnyExcept(" \t\r"u8)))
        {
            try
            {
                var body = JsonBody.Parse(line, "The line");
                cases.Add(body, body.Root, _ => number);
            }
            catch (GatewayException exception)
            {
                faults.Add(number, exception.InnerException is JsonException { BytePositionInLine: { } position }
                    ? string.Create(CultureInfo.InvariantCulture, $"The line is not valid JSON from byte {position + 1} on; expected an object on one line.")
                    : exception.Message);
            }
        }
    }
}
