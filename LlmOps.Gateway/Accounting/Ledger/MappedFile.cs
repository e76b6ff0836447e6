using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
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

    private readonly List<MemoryMappedViewAccessor> _views = [];
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
        _views.Add(map.CreateViewAccessor(Length, chunk));
    }

    /// <summary>Where a place is in memory: in which part, and from which byte of it on.</summary>
    /// <param name="offset">The place; what is written there must not go beyond its chunk.</param>
    public (SafeBuffer View, ulong Offset) At(long offset) => (_views[(int)(offset / chunk)].SafeMemoryMappedViewHandle, (ulong)(offset % chunk));

    /// <summary>Fills the first bytes with zeros; at most a chunk of them.</summary>
    public void Clear(int count)
    {
        for (var cleared = 0; cleared < count; cleared += Zeros.Length)
        {
            At(0).View.WriteSpan<byte>((ulong)cleared, Zeros.AsSpan(0, Math.Min(Zeros.Length, count - cleared)));
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
        _views.ForEach(view => view.Dispose());
        _views.Clear();
        _file?.Dispose();
        _file = null;
    }
}
