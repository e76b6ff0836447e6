using LlmOps.Gateway.Access.Limits;

namespace LlmOps.Tests.Access.Limits;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.2, "1ms")]
    [InlineData(12, "12ms")]
    [InlineData(999.5, "1s")]
    [InlineData(1_000, "1s")]
    [InlineData(8_640, "8.64s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(61_001, "1m1.001s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(86_399_500, "23h59m59.5s")]
    public void Duration_IsWrittenAsGoWritesIt(double milliseconds, string expected) =>
        GoDuration.Of(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(expected);
}
