namespace LlmOps.Evaluator.Reports;

/// <summary>A file that is there as a whole, or not at all: written beside its place, then moved to it.</summary>
internal static class WholeFile
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Writes it; where that fails, what was there stays.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes its content.</param>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}";
        try
        {
            await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true))
            {
                await write(file);
                await file.FlushAsync();
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            // Nothing is there any more once it has been moved.
            File.Delete(temporary);
        }
    }
}
