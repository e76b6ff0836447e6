using System.Text.Json;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What became of a request that is not streamed.</summary>
/// <param name="Status">The status; 0 where the connection broke instead.</param>
/// <param name="Body">The body of an answer that is not a 200, which tells why; of a 200 only where the caller keeps it, else empty.</param>
internal sealed record Answer(int Status, byte[] Body)
{
    /// <summary>The connection was refused or broke.</summary>
    public static readonly Answer Broken = new(0, []);

    /// <summary>Whether the body is a whole chat completion: nobody has cut it, and nobody has put an error in its place.</summary>
    public bool IsCompletion
    {
        get
        {
            try
            {
                using var body = JsonDocument.Parse(Body);
                return body.RootElement.GetProperty("choices").GetArrayLength() > 0;
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    /// <summary>The answer's id; null where there is none.</summary>
    public string? Id
    {
        get
        {
            try
            {
                using var body = JsonDocument.Parse(Body);
                return body.RootElement.GetProperty("id").GetString();
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <summary>The code of the error that the body tells in OpenAI's form; null where it tells none.</summary>
    public string? ErrorCode
    {
        get
        {
            try
            {
                using var body = JsonDocument.Parse(Body);
                return body.RootElement.GetProperty("error").GetProperty("code").GetString();
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
