using System.Text.Json;
using LlmOps.Evaluator.Evaluators.Language;
using LlmOps.Tests.Docs;

namespace LlmOps.Tests.Evaluator.Evaluators.Language;

public sealed class LanguageDetectorTests
{
    // The beginning of article 1 of the Universal Declaration of Human Rights (United Nations, 1948).
    [Theory]
    [InlineData("en", "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.")]
    [InlineData("de", "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.")]
    [InlineData("fr", "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.")]
    [InlineData("es", "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse.")]
    [InlineData("it", "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza.")]
    [InlineData("pt", "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir.")]
    [InlineData("ca", "Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats de raó i de consciència.")]
    [InlineData("nl", "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten.")]
    [InlineData("sv", "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med förnuft och samvete.")]
    [InlineData("da", "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og de bør handle mod hverandre.")]
    [InlineData("no", "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter. De er utstyrt med fornuft og samvittighet og bør handle mot hverandre.")]
    [InlineData("fi", "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto.")]
    [InlineData("et", "Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt. Neile on antud mõistus ja südametunnistus.")]
    [InlineData("lv", "Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās. Viņi ir apveltīti ar saprātu un sirdsapziņu.")]
    [InlineData("lt", "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė.")]
    [InlineData("pl", "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem.")]
    [InlineData("cs", "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím.")]
    [InlineData("sk", "Všetci ľudia sa rodia slobodní a sebe rovní, čo sa týka ich dôstojnosti a práv. Sú obdarení rozumom a svedomím.")]
    [InlineData("sl", "Vsi ljudje se rodijo svobodni in imajo enako dostojanstvo in enake pravice. Obdarjeni so z razumom in vestjo.")]
    [InlineData("hr", "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima. Ona su obdarena razumom i sviješću.")]
    [InlineData("hu", "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek ésszel és lelkiismerettel bírnak.")]
    [InlineData("ro", "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu rațiune și conștiință.")]
    [InlineData("tr", "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı.")]
    [InlineData("id", "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama. Mereka dikaruniai akal dan hati nurani.")]
    [InlineData("vi", "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều được tạo hoá ban cho lý trí.")]
    [InlineData("ru", "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.")]
    [InlineData("uk", "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю.")]
    [InlineData("bg", "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест.")]
    [InlineData("sr", "Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена разумом и свешћу.")]
    [InlineData("el", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.")]
    [InlineData("ar", "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق، وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء.")]
    [InlineData("fa", "تمام افراد بشر آزاد به دنیا می آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان می باشند.")]
    [InlineData("ur", "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔")]
    [InlineData("he", "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.")]
    [InlineData("hi", "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।")]
    [InlineData("mr", "सर्व मानवी व्यक्ती जन्मतः स्वतंत्र आहेत व त्यांना समान प्रतिष्ठा व समान अधिकार आहेत.")]
    [InlineData("th", "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ")]
    [InlineData("ko", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.")]
    [InlineData("ja", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。")]
    [InlineData("zh", "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。")]
    [InlineData("ta", "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.")]
    public void Declaration_IsToldInEachLanguage(string code, string text) => (LanguageDetector.Detect(text)?[0]).ShouldBe(code);

    [Fact]
    public void TextsOfTheShippedDatasets_AreToldOrNotButNotWrongly()
    {
        var texts = Texts().ToList();

        var found = texts.Select(each => (each.Code, each.Text, Found: LanguageDetector.Detect(each.Text))).ToList();
        var wrong = found.Where(each => each.Found is not null && !each.Found.Contains(each.Code)).Select(each => $"{each.Code}, not {each.Found![0]}: {each.Text}").ToList();
        var untold = found.Where(each => each.Found is null).Select(each => $"{each.Code}: {each.Text}").ToList();

        texts.Count.ShouldBeGreaterThan(300);
        wrong.ShouldBeEmpty();
        untold.Count.ShouldBeLessThan(texts.Count / 20, string.Join('\n', untold));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OK")]
    [InlineData("12345 67890 --- 2024-01-01")]
    [InlineData("Hauptbahnhof Zürich")]
    [InlineData("{{first_name}} https://example.com/the/and/of `for the win`")]
    [InlineData("Rhabarberbarbara Kwijibo Zonkulator Flimflam Quuxonia")]
    [InlineData("ﬀ")]
    [InlineData("Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo yapasa watendeane kindugu.")]
    [InlineData("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.")]
    [InlineData("Ĉiuj homoj estas denaske liberaj kaj egalaj laŭ digno kaj rajtoj. Ili posedas racion kaj konsciencon.")]
    public void TextThatSaysTooLittle_IsNotTold(string text) => LanguageDetector.Detect(text).ShouldBeNull();

    [Fact]
    public void TextInTwoScripts_IsNotTold() =>
        LanguageDetector.Detect("This is the first half of it, and it is English. А это вторая половина, и она написана по-русски для всех.").ShouldBeNull();

    [Fact]
    public void ChineseWithAFewLatinWords_IsChinese() => LanguageDetector.Detect("要更改端口，请设置环境变量 `APP_PORT`。默认值为 8080，使用 Docker 时也一样。")![0].ShouldBe("zh");

    private static IEnumerable<(string Code, string Text)> Texts()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(GeneratedDocs.RepositoryRoot(), "prompts"), "dataset.jsonl", SearchOption.AllDirectories))
        {
            foreach (var @case in File.ReadLines(file).Select(line => JsonElement.Parse(line)))
            {
                var (metadata, text) = (@case.GetProperty("metadata"), @case.GetProperty("variables").GetProperty("text").GetString()!);
                var isTranslated = metadata.TryGetProperty("target", out var target);
                yield return (metadata.GetProperty(isTranslated ? "source" : "language").GetString()!, text);
                foreach (var reference in @case.GetProperty("references").EnumerateArray())
                {
                    yield return ((isTranslated ? target : metadata.GetProperty("language")).GetString()!, reference.GetString()!);
                }
            }
        }
    }
}
