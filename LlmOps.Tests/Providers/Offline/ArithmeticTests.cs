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
    [InlineData("What's two times twenty-one?", "2 * 21 = 42")]
    [InlineData("twenty-five plus one", "25 + 1 = 26")]
    [InlineData("two thousand five hundred and six plus ninety nine", "2506 + 99 = 2605")]
    [InlineData("5 percent of one thousand", "5% of 1000 = 50")]
    [InlineData("100 - 15%", "100 - 15% = 85")]
    [InlineData("50 + 10%", "50 + 10% = 55")]
    [InlineData("10% + 5%", "10% + 5% = 0.15")]
    [InlineData("100 - 15% of 20", "100 - 15% of 20 = 97")]
    [InlineData("Add 5 and 9", "5 + 9 = 14")]
    [InlineData("Can you add 5 to 9, please?", "5 + 9 = 14")]
    [InlineData("subtract 5 from 20", "20 - 5 = 15")]
    [InlineData("multiply 6 by 7", "6 * 7 = 42")]
    [InlineData("What is half of 90?", "90 / 2 = 45")]
    [InlineData("sum of 1, 2, 3 and 4", "1 + 2 + 3 + 4 = 10")]
    [InlineData("What is the average of 3, 5 and 10?", "(3 + 5 + 10) / 3 = 6")]
    [InlineData("thirty-two divided by four", "32 / 4 = 8")]
    [InlineData("20% off 50", "50 - 20% = 40")]
    [InlineData("How much is $20 + $5?", "20 + 5 = 25")]
    [InlineData("In one sentence, what is 2 + 3?", "2 + 3 = 5")]
    [InlineData("Reply with only the number: 8*8", "64")]
    [InlineData("Please reply with just the answer: 12*3", "36")]
    [InlineData("Only reply with the result. 9*9", "81")]
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
    [InlineData("0x10 + 1")]
    [InlineData("What is 0x10 + 1 + 2?")]
    [InlineData("2+2*2 and 3*3")]
    [InlineData("What is 2+2*2 and 3*3?")]
    [InlineData("What is 2 + 2 dozen?")]
    [InlineData("How much is $20 + €5?")]
    [InlineData("What is half of 90 + 10?")]
    [InlineData("divide 5 and 9")]
    [InlineData("We add 5 and 9 each day")]
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
