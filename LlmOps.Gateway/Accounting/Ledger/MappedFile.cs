using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// A file of the journal that is mapped into memory: what is written there outlives a kill of the process, as what is written to
/// a file does, but costs no call of the system.
/// </summary>
/// <param name="path">The file, which is not there yet.</param>
/// <param name="chunk">By how many bytes it grows; a multiple of 64 KiB.</param>
internal sealed class MappedFile(string path, int chunk) : IDisposable
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly List<MemoryMappedViewStream> _views = [];
    private SafeFileHandle? _file;

    /// <summary>Its length in bytes; 0 while it is not there.</summary>
    public long Length => (long)_views.Count * chunk;

    /// <summary>Makes it longer by a chunk of zeros.</summary>
    /// <exception cref="IOException">The disk has no room for it.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public void Grow()
    {
        var file = _file ??= JournalSegment.Create(path, FileAccess.ReadWrite);

        // Written, not only made longer: the disk must have the room now, for later nobody could be told that it has not.
        for (var written = 0; written < chunk; written += Zeros.Length)
        {
            RandomAccess.Write(file, Zeros, Length + written);
        }

        using var map = MemoryMappedFile.CreateFromFile(file, mapName: null, Length + chunk, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _views.Add(map.CreateViewStream(Length, chunk));
    }

    /// <summary>Writes bytes; none of them in another chunk than the first.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var view = _views[(int)(offset / chunk)];
        view.Position = offset % chunk;
        view.Write(bytes);
    }

    /// <summary>Reads bytes from the beginning; at most a chunk of them.</summary>
    public void Read(Span<byte> bytes)
    {
        _views[0].Position = 0;
        _views[0].ReadExactly(bytes);
    }

    /// <summary>Fills the first bytes with zeros, the very first of them before all others; at most a chunk of them.</summary>
    public void Clear(int count)
    {
        Write(0, Zeros.AsSpan(0, 1));
        for (var cleared = 1; cleared < count; cleared += Zeros.Length)
        {
            Write(cleared, Zeros.AsSpan(0, Math.Min(Zeros.Length, count - cleared)));
        }
    }

    /// <summary>Removes the file, in which nothing stands any more.</summary>
    public void Delete()
    {
        var isThere = _file is not null;
        Dispose();
        try
        {
            if (isThere)
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start finds nothing in it, and removes it.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _views)
        {
            try
            {
                view.Dispose();
            }
            catch (IOException)
            {
                // It is written to the disk when it is given up. The kernel has it all the same.
            }
        }

        _views.Clear();
        _file?.Dispose();
        _file = null;
    }
}
