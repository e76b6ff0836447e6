using System.Collections.Concurrent;
using System.Text;

namespace LlmOps.Tests.Faults;

/// <summary>Looks for secrets in whatever is handed to it: as they are, in any letter case, in base64, hexadecimal and UTF-16.</summary>
internal sealed class SecretScan
{
    private readonly ConcurrentDictionary<string, byte> _secrets = new();
    private readonly List<(string Where, byte[] Content)> _seen = [];

    /// <summary>Keeps something to be looked at.</summary>
    public void See(string where, byte[] content) => _seen.Add((where, content));

    /// <summary>Keeps a text to be looked at.</summary>
    public void See(string where, string content) => See(where, Encoding.UTF8.GetBytes(content));

    /// <summary>Takes for a secret what nobody may show.</summary>
    public void Guard(string secret) => _secrets.TryAdd(secret, 0);

    /// <summary>How much was seen whose name begins so, in bytes.</summary>
    public long Seen(string where) => _seen.Where(entry => entry.Where.StartsWith(where, StringComparison.Ordinal)).Sum(entry => (long)entry.Content.Length);

    /// <summary>Whether a text that is no secret was seen where the name begins so.</summary>
    public bool HasSeen(string where, string text) =>
        _seen.Any(entry => entry.Where.StartsWith(where, StringComparison.Ordinal) && Encoding.UTF8.GetString(entry.Content).Contains(text, StringComparison.Ordinal));

    /// <summary>Where a secret was seen, in which form, and what stands around it.</summary>
    public IReadOnlyList<string> Find()
    {
        var forms = _secrets.Keys.SelectMany(Forms).ToList();
        List<string> found = [];
        foreach (var (where, content) in _seen)
        {
            // One character for each byte, so that files that are no text can be searched as well.
            var text = Encoding.Latin1.GetString(content);
            foreach (var (form, written, comparison) in forms)
            {
                if (text.IndexOf(written, comparison) is >= 0 and var at)
                {
                    found.Add($"{where}: {form} in …{text[Math.Max(0, at - 60)..Math.Min(text.Length, at + written.Length + 20)]}…");
                }
            }
        }

        return found;
    }

    private static IEnumerable<(string Form, string Written, StringComparison Comparison)> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return ("plain", secret, StringComparison.OrdinalIgnoreCase);
        yield return ("hexadecimal", Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase);
        yield return ("UTF-16", Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(secret)), StringComparison.OrdinalIgnoreCase);

        // It depends on what stands before it how a secret comes out; what depends on its neighbours is cut off.
        for (var before = 0; before < 3; before++)
        {
            var whole = (before + bytes.Length) / 3 * 3;
            var encoded = Convert.ToBase64String([.. new byte[before], .. bytes.AsSpan(0, whole - before)]);
            var inner = encoded[(before == 0 ? 0 : 4)..];
            yield return ("base64", inner, StringComparison.Ordinal);
            yield return ("base64url", inner.Replace('+', '-').Replace('/', '_'), StringComparison.Ordinal);
        }
    }
}
