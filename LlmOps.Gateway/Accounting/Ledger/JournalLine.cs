using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using LlmOps.ServiceDefaults;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// An entry as a line of the journal: an object of JSON with short names, without what is null, whose last member is the
/// CRC-32C of everything before it.
/// </summary>
internal static class JournalLine
{
    /// <summary>What a longer one is, is no line.</summary>
    public const int Longest = 64 * 1024;

    /// <summary>How days are written.</summary>
    public const string DayFormat = "yyyy-MM-dd";

    // ,"crc":"0123abcd"}
    private const int SealLength = 18;
    private const int DigitsLength = 8;

    [ThreadStatic]
    private static LogLine? _line;

    private static ReadOnlySpan<byte> SealBegins => ",\"crc\":\""u8;

    private static ReadOnlySpan<byte> SealEnds => "\"}"u8;

    /// <summary>The line, with its line feed; it is there until this thread writes the next one.</summary>
    public static ReadOnlySpan<byte> Write(LedgerEntry entry)
    {
        var line = _line ??= new LogLine();
        line.Begin();
        WriteMembers(line, entry);
        line.Add("crc"u8, Checksum(line.Written).ToString("x8", CultureInfo.InvariantCulture));
        line.End();
        return line.Written;
    }

    /// <summary>Reads a line without its line feed.</summary>
    /// <returns>Null where it is damaged.</returns>
    public static LedgerEntry? Read(ReadOnlySpan<byte> line)
    {
        if (line.Length < SealLength)
        {
            return null;
        }

        var seal = line[^SealLength..];
        if (!seal.StartsWith(SealBegins) || !seal.EndsWith(SealEnds)
            || !Utf8Parser.TryParse(seal.Slice(SealBegins.Length, DigitsLength), out uint told, out var read, 'x') || read != DigitsLength
            || told != Checksum(line[..^SealLength]))
        {
            return null;
        }

        try
        {
            return JournalEntryReader.Read(line);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Written so by another program.
            return null;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var left in bytes)
        {
            crc = BitOperations.Crc32C(crc, left);
        }

        return ~crc;
    }

    private static void WriteMembers(LogLine line, LedgerEntry entry)
    {
        line.Add("id"u8, entry.Id);
        line.Add("at"u8, entry.At.ToUnixTimeMilliseconds());
        line.Add("rid"u8, entry.RequestId);
        line.Add("ep"u8, entry.Endpoint);
        line.Add("te"u8, entry.Tenant);
        line.Add("tm"u8, entry.Team);
        line.Add("us"u8, entry.User);
        line.Add("ke"u8, entry.Key);
        line.Add("su"u8, entry.Subject);
        line.Add("mo"u8, entry.Model);
        line.Add("pr"u8, entry.Provider);
        line.Add("pm"u8, entry.ProviderModel);
        line.Add("pt"u8, entry.Prompt);
        line.Add("pv"u8, entry.PromptVersion);
        line.Add("va"u8, entry.Variant);
        line.Add("ex"u8, entry.Experiment);
        line.Add("un"u8, entry.Unit);
        Flag(line, "st"u8, entry.Stream);
        line.Add("oc"u8, entry.Outcome);
        line.Add("ca"u8, entry.Cache);
        line.Add("in"u8, entry.InputTokens);
        line.Add("ou"u8, entry.OutputTokens);
        line.Add("co"u8, entry.Cost?.Value);
        Flag(line, "es"u8, entry.IsEstimated);
        line.Add("sa"u8, entry.Saved?.Value);
        line.Add("du"u8, Microseconds(entry.DurationMs));
        line.Add("fc"u8, entry.FirstChunkMs is { } first ? Microseconds(first) : null);
        line.Add("ul"u8, entry.UserLabel);
        line.Add("se"u8, entry.Session);
        if (entry.Attempts.Count > 0)
        {
            line.OpenArray("a"u8);
            for (var index = 0; index < entry.Attempts.Count; index++)
            {
                Write(line, entry.Attempts[index]);
            }

            line.CloseArray();
        }

        if (entry.Budgets.Count > 0)
        {
            line.OpenArray("b"u8);
            for (var index = 0; index < entry.Budgets.Count; index++)
            {
                line.AddItem(entry.Budgets[index].Id);
            }

            line.CloseArray();
        }
    }

    private static void Write(LogLine line, LedgerAttempt attempt)
    {
        line.OpenItem();
        line.Add("op"u8, attempt.Operation);
        line.Add("pr"u8, attempt.Provider);
        line.Add("pm"u8, attempt.Model);
        line.Add("oc"u8, attempt.Outcome);
        line.Add("in"u8, attempt.InputTokens);
        line.Add("ou"u8, attempt.OutputTokens);
        line.Add("co"u8, attempt.Cost?.Value);
        Flag(line, "es"u8, attempt.IsEstimated);
        line.Add("du"u8, Microseconds(attempt.DurationMs));
        line.Close();
    }

    private static void Flag(LogLine line, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            line.Add(name, 1L);
        }
    }

    private static long Microseconds(double milliseconds) => (long)Math.Round(milliseconds * 1000);
}
