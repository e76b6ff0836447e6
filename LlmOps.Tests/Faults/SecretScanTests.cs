using System.Text;

namespace LlmOps.Tests.Faults;

/// <summary>The scan for secrets finds what is leaked deliberately.</summary>
public sealed class SecretScanTests
{
    private const string Secret = "canary7f3a9";

    public static TheoryData<string, byte[]> Leaks => new()
    {
        { "plain", Bytes($"key sk-{Secret}-1") },
        { "plain", Bytes($"KEY SK-{Secret.ToUpperInvariant()}") },
        { "plain", [0xff, 0x00, .. Bytes(Secret), 0xfe] },
        { "plain", Bytes(Uri.EscapeDataString($"pass/{Secret}+word")) },
        { "hexadecimal", Bytes(Convert.ToHexStringLower(Bytes(Secret))) },
        { "UTF-16", Encoding.Unicode.GetBytes("x" + Secret) },
        { "base64", Bytes(Convert.ToBase64String(Bytes("ann:" + Secret))) },
        { "base64", Bytes(Convert.ToBase64String(Bytes("anna:" + Secret + "-x"))) },
        { "base64", Bytes(Convert.ToBase64String(Bytes("annie:" + Secret + "-xy"))) },
    };

    [Theory]
    [MemberData(nameof(Leaks))]
    public void LeakedSecret_IsFound(string form, byte[] content)
    {
        var scan = new SecretScan();
        scan.Guard(Secret);

        scan.See("a file", content);

        scan.Find().ShouldContain(found => found.StartsWith($"a file: {form} in", StringComparison.Ordinal));
    }

    [Fact]
    public void OtherText_IsNotFound()
    {
        var scan = new SecretScan();
        scan.Guard(Secret);

        scan.See("a file", "canary7f3a8 sk-***");

        scan.Find().ShouldBeEmpty();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
