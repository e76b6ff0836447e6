namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>The languages in Latin letters that are told from each other.</summary>
internal static class LatinLanguages
{
    /// <summary>Their profiles.</summary>
    public static IReadOnlyList<LanguageProfile> All { get; } = LanguageProfile.Read(
        """
        en
        -
        the of and to in is that it for was on are as with his they be at this have from or had by but what some we can out other were all there when up your how said an each she which do their time if will way about many then them would like so these her him has more two could no my than been who its now did get made may you not i me he our any only just here please also after should because into very where does don't it's i'm i've we've isn't doesn't
        de
        äöüß
        der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei ich du wir ihr mir mich dich uns kann können bitte mein meine dein deine kein keine wenn gibt schon muss ihre ihren sehr jetzt hier habe bin
        fr
        àâæçéèêëîïôœùûüÿ
        le la les de des du et à un une en est que qui dans pour pas au aux sur se il elle ce cette ces ne plus par avec son sa ses je tu nous vous ils elles mais ou où été être avoir fait comme tout tous si leur leurs on sont ont d'un d'une l'on c'est qu'il n'est j'ai mon ma mes votre vos notre nos très bien aussi sans peut être deux même après entre chez jusqu'à bonjour merci
        es
        áéíñóúü
        el la de que y en un una los las se del por con no su para es al lo como más pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo han yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo ese ahora cada tu usted he estoy gracias hola ella nuestro nuestra hace solo esa eso esto aquí qué cómo oír hablar puedes quiero
        it
        àèéìíòóù
        il la di e che in un una per del della dei delle non con sono è da si le lo gli i al alla alle nel nella dal dalla ma come anche più mi ci se o ha ho hai hanno questo questa questi quello sua suo loro essere stato stata era molto solo dopo prima tutto tutti tra fra quando perché cosa dove chi io tu lui lei noi voi mio mia tuo tua può già così ogni senza su sul sulla ed qual buongiorno ciao grazie l'ho c'è dell'
        pt
        ãáàâçéêíóôõú
        o a de que e do da em um uma para com não os as no na se por mais dos das ao como mas foi ele ela são tem seu sua ou ser quando muito há nos já está eu também só pelo pela até isso entre era depois sem mesmo aos seus suas quem nas me esse eles você vocês estão essa num nem às meu minha têm numa qual nós lhe este esta fazer obrigado olá pode aqui onde
        ca
        àçéèíïóòúü
        el la els les de del i a en un una que per amb no és són al als dels es se més com però també ha han seu seva va ser aquest aquesta aquests molt quan on tot tots jo tu ell ella nosaltres sobre fins entre sense perquè què hi ho li em et ens us meu meva teu teva cada després avui bon gràcies hola
        nl
        ëï
        de het een van en in is dat op te zijn met voor niet die aan er om ook als dan maar bij ze hij uit door over ik je jij we wij was heeft naar hebben worden wordt kan nog geen meer of wat deze dit zo wel zich hun haar mijn jouw uw onze werd toen moet zal veel al waar hoe waarom omdat graag alleen tot na heb bent kunnen vandaag dank binnen dagen u gaat komt hier daar iets
        sv
        åäö
        och i att det som en på är av för med till den har de inte om ett han men var jag från vi så kan när år sig under också efter eller nu sin där hade ut än här vad mot upp alla man hon du blev får bara mycket dig mig min mitt din ditt ni oss någon något skulle varit detta denna finns vid hur varför tack hej inom
        da
        æøå
        og i at det en den til er som på de med af for ikke der var et har han jeg om men vi fra kan så også efter eller nu blev hvor når ved hun du sig ud mod skal havde være alle ville meget hvad op bliver mig dig min mit din dit os noget nogle efter disse dette hvorfor hvordan kun mere blevet over selv tak hej uden mellem
        no nb nn
        æøå
        og i det på som er en til for av at med de ikke den har fra et om han men var jeg vi så kan også etter eller nå ble hvor når ved hun du seg ut mot skal hadde være alle ville mye hva opp blir meg deg min mitt din ditt oss noe noen disse dette hvorfor hvordan bare mer blitt selv takk hei uten mellom ikkje eg ein
        fi
        äö
        ja on ei se että oli hän joka mutta ovat kuin myös tai jos niin sen kun olla en mitä minä sinä me te he tämä nämä jo vain ole sitä ne hyvin kaikki hänen mukaan vuonna sekä voi olen olet olemme oli olisi kanssa sitten nyt vielä missä miksi koska mikä kuka jotka ollut kiitos hei minun sinun minulla ennen jälkeen enemmän
        et
        äöõüšž
        ja on ei see et oli ta mis kui ka või aga ning seda siis nii oma tema ma me te nad ole mida kes kõik veel juba selle üle pärast enne kuid olen olete oleme peab saab võib väga siin seal kus miks sest kuidas mul sul meie teie nende eest kohta tänan tere palun üks kaks rohkem
        lv
        āčēģīķļņšūž
        un ir ka no ar uz par es tas tā bija kas bet vai to kā arī nav viņš viņa mēs jūs tie šis šī pēc pie tikai vēl ja jau lai kad ļoti līdz gan pa savu kur kāpēc jo man tev mums jums būt var visi tiek tika gada lūdzu paldies labdien mans mana
        lt
        ąčęėįšųūž
        ir yra kad į iš su ne tai kaip bet buvo jis ji mes jūs jie šis ši tik dar jau ar už per po prie apie labai kai kur kodėl nes aš tu man tau mums jums būti gali visi savo turi bus metų metais taip pat arba prašau ačiū labas mano
        pl
        ąćęłńóśźż
        i w na z do nie się to że jest o jak ale od po co za dla tak przez przy jego jej ich był była było są czy tylko oraz już może ten ta te tego tym który która które by ja ty on ona my wy oni mnie mi ci nam wam mój moja twój bardzo gdy gdzie kiedy dlaczego bo ponieważ został jeszcze przed bez między dzień dobry dziękuję proszę mam masz będzie być mogę
        cs
        áčďéěíňóřšťúůýž
        a v na se je to že s z do o i by ale jako za si po pro tak jsem jsou jsme jste byl byla bylo být není nebo ve k od jeho její jen už co když ten ta tato tento které který která až může jak mi mě vám nám my vy oni můj moje také proto protože kde proč velmi při mezi bez před dobrý den děkuji prosím budou bude mám
        sk
        áäčďéíĺľňóôŕšťúýž
        a v na sa je to že s z do o aj by ale ako za si po pre tak som sú sme ste bol bola bolo byť nie alebo vo k od jeho jej len už čo keď ten tá tento ktoré ktorý ktorá až môže mi ma vám nám my vy oni môj moje tiež preto pretože kde prečo veľmi pri medzi bez pred dobrý deň ďakujem prosím budú bude mám
        sl
        čšž
        in je v na se da za so ne z s pa ki ni bi kot po ali še tudi pri od do kaj kako ko že bil bila bilo sem si smo ste jih ga mu jo ta to ti te tega ker kje zakaj zelo samo lahko med brez pred svoj moj moja nam vam meni tebi vse vsi bo bodo hvala prosim dober dan imam
        hr bs sr
        čćđšž
        i u je na se da za su s od ne o što kao ali a iz do ili samo još već bi biti bio bila bilo sam si smo ste nije nisu može to taj ta ovaj ova koji koja koje kada gdje gde zašto jer vrlo kako nakon prije pre između bez svoj moj moja nam vam meni tebi sve svi će ću hvala molim dobar dan imam ovo tako
        hu
        áéíóöőúüű
        a az és hogy nem is egy ez meg van volt de csak ha már még mint el kell azt vagy én te ő mi ti ők nagyon lehet után sem ezt ki be fel le ezek azok mert ami aki amely minden akkor most itt ott hol miért hogyan nekem neked nekünk lesz lett volna között szerint pedig így úgy köszönöm kérem jó napot nincs vannak saját
        ro
        ăâîșşțţ
        și în de la a cu pe un o nu că este sunt din se mai care pentru ce să au fost am ai are lui ei sau dar după până când prin foarte le îi își al ale cel cea cei cele acest această aceste eu tu el ea noi voi mi meu mea tău unde cum dacă doar fără între despre fi va vor poate toate tot bună mulțumesc vă ne
        tr
        çğıöşü
        ve bir bu da de için ile çok ne o var daha gibi olarak ama en kadar olan ben sen biz siz onlar değil mi mı her şey sonra şu ya ki veya hem ise nasıl neden nerede bana sana bize size benim senin bizim oldu olduğu olur yok tüm diye göre ancak önce bile artık iyi teşekkürler merhaba lütfen
        id ms
        -
        yang dan di ini itu untuk dengan tidak dari dalam akan pada juga ke karena ada saya kami kita anda dia mereka adalah oleh atau sudah telah bisa dapat lebih sebagai seperti hanya saat kepada bahwa tersebut para bagi belum jika apa siapa mana bagaimana mengapa kalau lagi satu dua banyak semua sangat antara setelah sebelum terima kasih tolong boleh
        vi
        ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ
        và của là có không được cho một những các trong người với này khi để đã đến từ về như ở ra cũng nhiều tôi anh chị em bạn chúng ta ông bà nó thì mà sẽ đang rất lại còn vào trên dưới sau trước nếu vì nên hay hoặc gì ai đâu sao thế nào việc năm ngày xin cảm ơn
        """);
}
