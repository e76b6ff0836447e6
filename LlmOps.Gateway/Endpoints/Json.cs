using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How the gateway writes JSON.</summary>
internal static class Json
{
    /// <summary>Text goes out as UTF-8 rather than \u escapes, as providers send it; the bodies are never embedded in HTML.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
