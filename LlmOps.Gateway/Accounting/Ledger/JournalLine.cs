using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;

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
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    private static ReadOnlySpan<byte> SealBegins => ",\"crc\":\""u8;

    private static ReadOnlySpan<byte> SealEnds => "\"}"u8;

    /// <summary>The line, with its line feed; it is there until this thread writes the next one.</summary>
    public static ReadOnlySpan<byte> Write(LedgerEntry entry)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(buffer, Json.WriterOptions);
        json.Reset();
        json.WriteStartObject();
        WriteMembers(json, entry);
        json.Flush();
        var seal = Checksum(buffer.WrittenSpan);
        buffer.Write(SealBegins);
        Utf8Formatter.TryFormat(seal, buffer.GetSpan(DigitsLength), out var written, new StandardFormat('x', DigitsLength));
        buffer.Advance(written);
        buffer.Write("\"}\n"u8);
        return buffer.WrittenSpan;
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

    private static void WriteMembers(Utf8JsonWriter json, LedgerEntry entry)
    {
        json.WriteString("id"u8, entry.Id);
        json.WriteNumber("at"u8, entry.At.ToUnixTimeMilliseconds());
        json.WriteString("rid"u8, entry.RequestId);
        json.WriteString("ep"u8, entry.Endpoint);
        json.WriteString("te"u8, entry.Tenant);
        Text(json, "tm"u8, entry.Team);
        Text(json, "us"u8, entry.User);
        Text(json, "ke"u8, entry.Key);
        json.WriteString("su"u8, entry.Subject);
        Text(json, "mo"u8, entry.Model);
        Text(json, "pr"u8, entry.Provider);
        Text(json, "pm"u8, entry.ProviderModel);
        Text(json, "pt"u8, entry.Prompt);
        Text(json, "pv"u8, entry.PromptVersion);
        Text(json, "va"u8, entry.Variant);
        Flag(json, "st"u8, entry.Stream);
        json.WriteString("oc"u8, entry.Outcome);
        json.WriteString("ca"u8, entry.Cache);
        Number(json, "in"u8, entry.InputTokens);
        Number(json, "ou"u8, entry.OutputTokens);
        Number(json, "co"u8, entry.Cost?.Value);
        Flag(json, "es"u8, entry.IsEstimated);
        Number(json, "sa"u8, entry.Saved?.Value);
        json.WriteNumber("du"u8, Microseconds(entry.DurationMs));
        Number(json, "fc"u8, entry.FirstChunkMs is { } first ? Microseconds(first) : null);
        Text(json, "ul"u8, entry.UserLabel);
        Text(json, "se"u8, entry.Session);
        if (entry.Attempts.Count > 0)
        {
            json.WriteStartArray("a"u8);
            for (var index = 0; index < entry.Attempts.Count; index++)
            {
                Write(json, entry.Attempts[index]);
            }

            json.WriteEndArray();
        }

        if (entry.Budgets.Count > 0)
        {
            json.WriteStartArray("b"u8);
            for (var index = 0; index < entry.Budgets.Count; index++)
            {
                json.WriteStringValue(entry.Budgets[index].Id);
            }

            json.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter json, LedgerAttempt attempt)
    {
        json.WriteStartObject();
        json.WriteString("op"u8, attempt.Operation);
        json.WriteString("pr"u8, attempt.Provider);
        json.WriteString("pm"u8, attempt.Model);
        json.WriteString("oc"u8, attempt.Outcome);
        Number(json, "in"u8, attempt.InputTokens);
        Number(json, "ou"u8, attempt.OutputTokens);
        Number(json, "co"u8, attempt.Cost?.Value);
        Flag(json, "es"u8, attempt.IsEstimated);
        json.WriteNumber("du"u8, Microseconds(attempt.DurationMs));
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Flag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            json.WriteNumber(name, 1);
        }
    }

    private static long Microseconds(double milliseconds) => (long)Math.Round(milliseconds * 1000);
}
