namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Records whole files of the journal, this process's and what others have left, and removes them. What is damaged is passed over and kept.</summary>
internal sealed partial class SegmentRecorder(UsageLedger ledger, LedgerRecorder recorder, ILogger<SegmentRecorder> logger)
{
    private int _done;

    private Journal Journal => ledger.Journal;

    /// <summary>Records a segment of this process, and removes it.</summary>
    /// <exception cref="OperationCanceledException">It stays where it is.</exception>
    public async Task RecordAsync(JournalSegment segment, CancellationToken cancellationToken)
    {
        var damaged = await ReadAsync(segment, over: null, cancellationToken);
        await ledger.Heard();
        Remove(segment, damaged);
    }

    /// <summary>Records what a process that is gone has left, and removes it; its requests that were open are interrupted.</summary>
    /// <exception cref="OperationCanceledException">It stays where it is.</exception>
    public async Task ReplayAsync(IReadOnlyList<JournalSegment> segments, IReadOnlyList<JournalSegment> leftOpen, CancellationToken cancellationToken)
    {
        if (segments.Count + leftOpen.Count == 0)
        {
            return;
        }

        var (found, before) = (segments.Sum(CountOf), _done);
        Journal.Found(found);
        HashSet<Guid> over = [];
        List<int> damaged = [];
        try
        {
            foreach (var segment in segments)
            {
                damaged.Add(await ReadAsync(segment, over, cancellationToken));
            }

            List<LedgerEntry> interrupted = [];
            foreach (var file in leftOpen)
            {
                var (open, lost) = ReadOpen(file);
                interrupted.AddRange(open.Where(entry => over.Add(entry.Id)).Select(entry => entry with { Outcome = LedgerEntry.Interrupted, IsEstimated = true }));
                damaged.Add(lost);
            }

            found += interrupted.Count;
            Journal.Found(interrupted.Count);
            foreach (var batch in interrupted.Chunk(LedgerRecorder.MostAtOnce))
            {
                await recorder.RecordAsync(batch, cancellationToken);
                _done += batch.Length;
            }
        }
        catch (Exception)
        {
            // What is left is found again by the next try.
            Journal.Found(_done - before - found);
            throw;
        }

        await ledger.Heard();

        // Not before: what is over is not open, though its slot may say so.
        foreach (var (file, lines) in segments.Concat(leftOpen).Zip(damaged))
        {
            Remove(file, lines);
        }
    }

    /// <summary>Records a segment.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="over">Takes in whose requests are over; null where nobody asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many lines are damaged.</returns>
    private async Task<int> ReadAsync(JournalSegment segment, HashSet<Guid>? over, CancellationToken cancellationToken)
    {
        using var reader = TryOpen(segment);
        if (reader is null)
        {
            return 1;
        }

        List<LedgerEntry> batch = [];
        while (true)
        {
            var more = TryRead(reader, out var entry);
            if (more)
            {
                over?.Add(entry!.Id);
                batch.Add(entry!);
            }

            if (batch.Count == LedgerRecorder.MostAtOnce || (!more && batch.Count > 0))
            {
                await recorder.RecordAsync(batch, cancellationToken);
                _done += batch.Count;
                batch = [];
            }

            if (!more)
            {
                Journal.Drained(reader.DamagedLines);
                _done += reader.DamagedLines;
                return reader.Damaged;
            }
        }
    }

    private (IReadOnlyList<LedgerEntry> Entries, int Damaged) ReadOpen(JournalSegment file)
    {
        try
        {
            return OpenRequests.Read(file.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(exception);
            return ([], 1);
        }
    }

    private JournalReader? TryOpen(JournalSegment segment)
    {
        try
        {
            return new JournalReader(segment.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(exception);
            return null;
        }
    }

    // What a disk does not give back is damaged like what is written wrong.
    private bool TryRead(JournalReader reader, out LedgerEntry? entry)
    {
        try
        {
            return reader.TryRead(out entry);
        }
        catch (IOException exception)
        {
            LogUnreadable(exception);
            reader.GiveUp();
            entry = null;
            return false;
        }
    }

    private void Remove(JournalSegment segment, int damaged)
    {
        try
        {
            if (damaged > 0)
            {
                Journal.FoundDamaged(damaged);
                Directory.CreateDirectory(Journal.Folder);
                LogDamaged(damaged, segment.SetAside(Journal.Folder));
            }
            else
            {
                segment.Delete();
            }

            Journal.Freed(segment);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is read again at the next start, and nothing of it is recorded twice.
            LogNotRemoved(exception, segment.Path);
        }
    }

    private static int CountOf(JournalSegment segment)
    {
        try
        {
            return JournalReader.Count(segment.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it tells of it.
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Error, "A segment of the ledger's journal cannot be read to its end.")]
    private partial void LogUnreadable(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A segment of the ledger's journal that is recorded cannot be removed: {Path}.")]
    private partial void LogNotRemoved(Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "{Lines} lines of the ledger's journal are damaged: what they recorded is missing in the ledger. The segment is kept as {Path}.")]
    private partial void LogDamaged(int lines, string path);
}
