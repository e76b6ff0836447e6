using LlmOps.Gateway.Providers.Offline.Maths;

namespace LlmOps.Tests.Providers.Offline;

public class ArithmeticTests
{
    [Theory]
    [InlineData("What is 2+2?", "2 + 2 = 4")]
    [InlineData("calculate 12 * (3 + 4) / 2", "12 * (3 + 4) / 2 = 42")]
    [InlineData("7 plus 5", "7 + 5 = 12")]
    [InlineData("What is 15% of 80?", "15% of 80 = 12")]
    [InlineData("square root of 144", "√144 = 12")]
    [InlineData("What is the square root of 2?", "√2 ≈ 1.4142135624")]
    [InlineData("2^10", "2^10 = 1024")]
    [InlineData("2^3^2", "2^3^2 = 512")]
    [InlineData("2^-2", "2^-2 = 0.25")]
    [InlineData("0.1 + 0.2", "0.1 + 0.2 = 0.3")]
    [InlineData("1,000,000 + 2,500.50", "1000000 + 2500.50 = 1002500.5")]
    [InlineData("-5 + 3 =", "-5 + 3 = -2")]
    [InlineData("What's 6 × 7 ÷ 2?", "6 * 7 / 2 = 21")]
    [InlineData("Compute 10 / 3", "10 / 3 ≈ 3.3333333333")]
    [InlineData("How much is 12 squared?", "12² = 144")]
    [InlineData("What is the result of 3 * 3?", "3 * 3 = 9")]
    [InlineData("Hi! Can you work out 10-4 for me?", "10 - 4 = 6")]
    [InlineData("What is 17 mod 5?", "17 mod 5 = 2")]
    [InlineData("What is two times three?", "2 * 3 = 6")]
    [InlineData("What is 2**8? Reply with only the number.", "256")]
    [InlineData("1 / 0", "1 / 0 cannot be calculated: division by zero is undefined.")]
    [InlineData("9^9^9^9", "9^9^9^9 cannot be calculated: the numbers are too large for me.")]
    public void Question_Calculated(string question, string answer)
    {
        Ask.Text(question).ShouldBe(answer);
    }

    [Theory]
    [InlineData("What is 2024-01-05?")]
    [InlineData("What happened on 05/06/2024?")]
    [InlineData("v1.2.3")]
    [InlineData("What is 1.2.3?")]
    [InlineData("555-1234")]
    [InlineData("Call me at 555-123-4567")]
    [InlineData("What is +1 (555) 123-4567?")]
    [InlineData("Meet 10-12 people at 5/6 in 1/2 hour.")]
    [InlineData("What is 42?")]
    [InlineData("(1+2")]
    [InlineData("What is 3D?")]
    [InlineData("The total is 5-3 for us, as the result 7-2 says.")]
    [InlineData("What is 12:30?")]
    public void OtherNumbers_NotCalculated(string message)
    {
        Arithmetic.Find(message).ShouldBeNull();
    }

    [Fact]
    public void DeepAndLong_Bounded()
    {
        Arithmetic.Find(new string('(', 400) + "1+1" + new string(')', 400)).ShouldBeNull();
        Arithmetic.Find(string.Concat(Enumerable.Repeat("1+", 400)) + "1").ShouldBeNull();
        Arithmetic.Find(new string('-', 400) + "1+1").ShouldBeNull();
        Arithmetic.Find("1" + string.Concat(Enumerable.Repeat("*" + new string('9', 150), 6))).ShouldNotBeNull();
        Arithmetic.Find("2^" + new string('9', 150)).ShouldNotBeNull().Fault.ShouldNotBeNull();
        Arithmetic.Find("(-1)^999999999").ShouldNotBeNull().Value.ShouldBe(Rational.Of(-1));
    }
}
