using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>Reads newline-delimited JSON: a value per line.</summary>
internal sealed class NdJsonReader(string provider, Stream stream)
{
    /// <summary>The lines that are not blank, until the stream ends; also one that the end leaves without its line feed.</summary>
    /// <exception cref="ProviderException">The connection broke, or a line is longer than <see cref="LineReader.MaxLineBytes"/>.</exception>
    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new LineReader(provider, stream);
        while (await lines.FillAsync(cancellationToken))
        {
            while (TryTake(lines, out var line))
            {
                yield return new StreamEvent(null, line);
            }
        }

        if (lines.Rest.ToArray() is { Length: > 0 } rest)
        {
            yield return new StreamEvent(null, rest, Unfinished: true);
        }
    }

    private static bool TryTake(LineReader lines, out byte[] line)
    {
        while (lines.TryRead(out var span))
        {
            if (span.ContainsAnyExcept((byte)' ', (byte)'\t'))
            {
                line = span.ToArray();
                return true;
            }
        }

        line = [];
        return false;
    }
}
