using System.Text.Json;
using LlmOps.ServiceDefaults;

namespace LlmOps.Tests.ServiceDefaults;

/// <summary>Lines of the JSON log.</summary>
public sealed class LogLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain text, <b>&'+")]
    [InlineData("\"quoted\" \\ and\r\n\tcontrolled\u0000\u001b")]
    [InlineData("é, 漢字, 😀, \u2028")]
    public void Text_ReadsBackAsItWas(string text) =>
        Line(line => line.Add("Text"u8, text)).GetProperty("Text").GetString().ShouldBe(text);

    [Fact]
    public void HalfACharacter_StillMakesALine() =>
        Line(line => line.Add("Text"u8, "a\ud83d")).GetProperty("Text").GetString().ShouldBe("a\ufffd");

    [Fact]
    public void LongText_IsWhole()
    {
        var text = string.Concat(Enumerable.Repeat("line \n é ", 10_000));

        Line(line => line.Add("Text"u8, text)).GetProperty("Text").GetString().ShouldBe(text);
    }

    [Fact]
    public void Values_AreWrittenByType_AndWhatIsNullIsLeftOut() =>
        Line(line =>
        {
            line.Add("Flag"u8, true);
            line.Add("Count"u8, long.MinValue);
            line.Add("Single"u8, 0.7f);
            line.Add("Double"u8, 12.3);
            line.Add("Money"u8, 0.000034650m);
            line.Add("Nothing"u8, (string?)null);
            line.Add("NoNumber"u8, (double?)null);
            line.Add("NotFinite"u8, double.NaN);
            line.Add("a \"name\"", 1);
        }).GetRawText().ShouldBe("""{"Flag":true,"Count":-9223372036854775808,"Single":0.7,"Double":12.3,"Money":0.000034650,"a \"name\"":1}""");

    private static JsonElement Line(Action<LogLine> write)
    {
        var line = new LogLine();
        line.Begin();
        write(line);
        line.End();
        line.Written[^1].ShouldBe((byte)'\n');
        return JsonElement.Parse(line.Written);
    }
}
