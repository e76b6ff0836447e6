using System.IO.Pipelines;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How the updates of an answer go out, whatever their form.</summary>
internal static class UpdateStream
{
    private const int MostUnsent = 16 * 1024;

    /// <summary>
    /// Writes the current update and all that follow. Those that came together go on together; nothing is kept back while
    /// the provider is waited for. What the last one wrote is left to be sent with the end.
    /// </summary>
    public static async Task WriteAllAsync(this PipeWriter output, IAsyncEnumerator<ChatResponseUpdate> updates, Action<ChatResponseUpdate> write)
    {
        bool more;
        do
        {
            write(updates.Current);
            var next = updates.MoveNextAsync();
            if (next.IsCompleted && output.UnflushedBytes <= MostUnsent)
            {
                more = await next;
                continue;
            }

            // Whatever comes of the sending, the provider's side must have come to its end before it is disposed. That the
            // caller has left, it tells as well: hence no token.
            try
            {
                await output.FlushAsync(CancellationToken.None);
            }
            finally
            {
                more = await next;
            }
        }
        while (more);
    }
}
