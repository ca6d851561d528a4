// The words of lib/deer/classes.ts: how class names call people, vehicles and empty frames. ASCII
// only: a word of another alphabet is written in escapes, with its sound or meaning behind it.

/** Words separated by white space; `_` is a blank inside a phrase, `#` begins a remark. */
const list = (text: string): readonly string[] =>
  text
    .replace(/#.*/g, '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('_', ' '));

/** A word that begins with one of these means a person. */
export const HUMAN_STEMS = list(`
  humain homosapien hominin mensch ihmi manusia czlowie clovek covek covjek chelovek pedestrian
  person persoon persoan pertson pessoa mannesk mennesk mannisk binadam mwanadam researcher poacher
  cyclist motorcyclist bicyclist hiker trespasser fisherm policem horsem huntsm gunm excursionis
  escursionis senderist randonneu spaziergang radfahr fussgang fussgaeng waldarbeit guardaparq
  guardabosq cacciator inime gizaki poachin backpacker birdwatcher homin mankind hsapiens manniskor
  mansklig menselijk menschlich cameram fotgjeng fotgang recreation equestrian horseback horserid
  mountainbiker bowhunt deerhunt dogwalk snowshoer snowmobiler schoolchild anthropogen gamekeeper
  workm fireman firemen sportsm woodsm outdoorsm teenage laborer labourer personnel
  \u0447\u0435\u043b\u043e\u0432\u0435\u043a # chelovek, Russian
  \u0447\u043e\u043b\u043e\u0432\u0456\u043a # cholovik, Ukrainian
  \u043b\u044e\u0434\u0438\u043d # lyudyn-, Ukrainian
  \u043b\u044e\u0434\u0438 # lyudi, people
  \u043b\u044e\u0434\u0441\u043a # lyudsk-, of people
  \u043c\u0443\u0436\u0447\u0438\u043d # muzhchin-, man
  \u0436\u0435\u043d\u0449\u0438\u043d # zhenshchin-, woman
  \u043e\u0445\u043e\u0442\u043d\u0438\u043a # okhotnik, hunter
  \u0442\u0443\u0440\u0438\u0441\u0442 # turist
  \u043f\u0435\u0440\u0441\u043e\u043d # person-
  \u0433\u0440\u0438\u0431\u043d\u0438\u043a # gribnik, mushroom picker
  \u0431\u0440\u0430\u043a\u043e\u043d\u044c\u0435\u0440 # brakonyer, poacher
  \u03b1\u03bd\u03b8\u03c1\u03c9\u03c0 # anthrop-, Greek
  \u03b3\u03c5\u03bd\u03b1\u03b9\u03ba # gynaik-, woman
  \u03ba\u03c5\u03bd\u03b7\u03b3 # kynig-, hunter
  \u10d0\u10d3\u10d0\u10db\u10d8\u10d0\u10dc # adamian-, Georgian
  \u092e\u0928\u0941\u0937\u094d\u092f # manushya, Hindi
  \u092e\u093e\u0928\u0935 # manav, Hindi
  \u0935\u094d\u092f\u0915\u094d\u0924\u093f # vyakti, person, Hindi
  \u09ae\u09be\u09a8\u09c1\u09b7 # manush, Bengali
  \u0bae\u0ba9\u0bbf\u0ba4 # manid-, Tamil
  \u0c2e\u0c28\u0c3f\u0c37 # manish-, Telugu
  \u0cae\u0ca8\u0cc1\u0cb7\u0ccd\u0caf # manushya, Kannada
  \u0d2e\u0d28\u0d41\u0d37\u0d4d\u0d2f # manushya, Malayalam
  \u0db8\u0dd2\u0db1\u0dd2\u0dc3 # minis, Sinhala
  \u0e21\u0e19\u0e38\u0e29\u0e22\u0e4c # manut, Thai
  \u1798\u1793\u17bb\u179f\u17d2\u179f # monus, Khmer
`);

/** A word that contains one of these means a person, also where an alphabet has no word spaces. */
export const HUMAN_PARTS = list(`
  human sapiens
  \u8005 # zhe or sha, one who does: walker, climber
  \u5458 # yuan, member of a staff
  \u54e1 # yuan, member of a staff
  \u5ba2 # ke, guest: hiker
  \u7537 # nan, man
  \u5b69 # hai, child
  \u5b50\u4f9b # kodomo, child
  \u5b50\u3069\u3082 # kodomo, child
  \ub0a8\uc790 # namja, man
  \uc5ec\uc790 # yeoja, woman
  \ub4f1\uc0b0 # deungsan, hiking
  \u4eba # ren, Chinese; hito or jin, Japanese
  \uc0ac\ub78c # saram, Korean
  \uc778\uac04 # ingan, Korean
  \uc778\ubb3c # inmul, Korean
  \uc0ac\ub0e5\uafbc # sanyangkkun, hunter
  \ub4f1\uc0b0\uac1d # deungsangaek, hiker
  \u30d2\u30c8 # hito
  \u30cf\u30f3\u30bf\u30fc # hanta, hunter
  \u731f\u5e2b # ryoshi, hunter
  \u6e38\u5ba2 # youke, visitor
  \u904a\u5ba2 # youke, visitor
  \u5de1\u62a4\u5458 # xunhuyuan, ranger
`);

/** A name with one of these words means a person. */
export const HUMAN_WORDS = list(`
  homo sapiens man men woman women boy boys girl girls child children kid kids toddler toddlers
  people peoples hunter hunters rider riders biker bikers jogger joggers runner runners walker
  walkers trekker trekkers skier skiers climber climbers camper campers angler anglers ranger
  rangers warden wardens staff crew scientist scientists biologist biologists ecologist technician
  technicians fieldworker fieldworkers volunteer volunteers student students visitor visitors
  tourist tourists villager villagers farmer farmers rancher ranchers landowner landowners neighbor
  neighbors neighbour neighbours photographer photographers surveyor surveyors herder herders
  herdsman herdsmen logger loggers lumberjack trapper trappers intruder intruders worker workers
  driver drivers passerby passersby stranger strangers guest guests bystander bystanders soldier
  soldiers policeman selfie selfies gardener forester foresters beekeeper mann manner maenner frau
  frauen kinder leute jager jagerin jaeger jaegerin wanderer wanderin reiter reiterin forster
  foerster wilderer passant passanten forscher forscherin mitarbeiter madchen maedchen humano humana
  humanos humanas hombre hombres mujer mujeres nino ninos nina ninas gente cazador cazadores turista
  turistas ciclista ciclistas investigador investigadores jinete jinetes campesino campesinos
  vaquero vaqueros peaton peatones pescador pescadores ganadero ganaderos homme hommes femme femmes
  enfant enfants garcon garcons chasseur chasseurs braconnier braconniers promeneur promeneurs
  marcheur marcheurs pieton pietons touriste touristes cycliste cyclistes bucheron bucherons
  chercheur chercheurs cueilleur cueilleurs umano umana umani umane uomo uomini bambino bambina
  bambini bambine ragazzo ragazza ragazzi ciclisti turisti pescatore pescatori homem homens mulher
  mulheres crianca criancas menino menina meninos meninas cacador cacadores persoa persoas mens
  mensen mense mannen vrouw vrouwen kinderen jagers wandelaar wandelaars fietser fietsers ruiter
  ruiters boswachter stroper kvinna kvinnor kvinne kvinner kvinde kvinder mand maend menn jagare
  jegere jeger vandrare madur ihminen nainen henkilo henkiloita metsastaja ludzie osoba osoby
  kobieta mezczyzna dziecko mysliwy turysta rowerzysta lide ludia ludie myslivec cyklista ljudi zena
  emberek szemely szemelyek ferfi vadasz gyerek oameni uman barbat femeie vanator insan insanlar
  kisi kadin cocuk zmogus zmones cilveks cilveki duine team teams cyclists operator operators
  touristen teen teens dude dudes rapaz moca rapariga dreng drenge pige piger pojke pojkar flicka
  huntress huntresses handler handlers youth youths youngster youngsters mom mum dad
  grandson cowboy cowboys cowgirl nomad nomads pastoralist pastoralists patrol
  patrols employee employees installer fieldstaff womens crowd pupil pupils teacher teachers thief thieves
  vandal vandals burglar burglars kayaker kayakers canoeist canoeists paddler paddlers boater boaters
  swimmer swimmers skater skaters golfer golfers birder birders farmhand farmhands ranchhand
  ranchhands sheepherder sheepherders hundehalter jungs forager foragers picker pickers scout scouts
  poeple peple pepole peopel humna huamn hmuan humn persn persno presons jagd
  flickor gutt jente poika tytto odam kishi ppl hmn miehet naiset lapset chlapec divka chlopiec
  dziewczyna decko dete daoine njeri njerez mtu watu umuntu abantu munhu vanhu nguoi olona
  \u0434\u0435\u0442\u0438 # deti, children
  \u0440\u0435\u0431\u0435\u043d\u043e\u043a # rebyonok, child
  \u0436\u0456\u043d\u043a\u0430 # zhinka, woman, Ukrainian
  \u0447\u043e\u0432\u0435\u043a # chovek, Bulgarian and Serbian
  \u0447\u043e\u0432\u0458\u0435\u043a # chovjek
  \u0445\u043e\u0440\u0430 # khora, people, Bulgarian
  \u0459\u0443\u0434\u0438 # ljudi, people, Serbian
  \u0430\u0434\u0430\u043c # adam, Kazakh
  \u0445\u04af\u043d # khun, Mongolian
  \u03b1\u03c4\u03bf\u03bc\u03bf # atomo, person
  \u03b1\u03bd\u03b4\u03c1\u03b1\u03c2 # andras, man
  \u03b1\u03bd\u03c4\u03c1\u03b1\u03c2 # antras, man
  \u0574\u0561\u0580\u0564 # mard, Armenian
  \u0574\u0561\u0580\u0564\u056b\u056f # mardik, people
  \u05d0\u05d3\u05dd # adam, Hebrew
  \u05d0\u05d9\u05e9 # ish, man
  \u05d0\u05d9\u05e9\u05d4 # isha, woman
  \u05d0\u05e0\u05e9\u05d9\u05dd # anashim, people
  \u05e6\u05d9\u05d9\u05d3 # tsayad, hunter
  \u0625\u0646\u0633\u0627\u0646 # insan, Arabic
  \u0627\u0646\u0633\u0627\u0646 # insan, Persian and Urdu
  \u0634\u062e\u0635 # shakhs, person
  \u0623\u0634\u062e\u0627\u0635 # ashkhas, persons
  \u0628\u0634\u0631 # bashar, people
  \u0646\u0627\u0633 # nas, people
  \u0627\u0644\u0646\u0627\u0633 # an-nas, people
  \u0631\u062c\u0644 # rajul, man
  \u0627\u0645\u0631\u0623\u0629 # imraa, woman
  \u0635\u064a\u0627\u062f # sayyad, hunter
  \u0622\u062f\u0645 # adam, Persian
  \u0622\u062f\u0645\u06cc # admi, Urdu
  \u0907\u0902\u0938\u093e\u0928 # insan, Hindi
  \u0932\u094b\u0917 # log, people
  \u0906\u0926\u092e\u0940 # admi, man
  \u092e\u093e\u0928\u094d\u091b\u0947 # manche, Nepali
  \u092e\u093e\u0928\u093f\u0938 # manis, Nepali
  \u0e04\u0e19 # khon, Thai
  \u101c\u1030 # lu, Burmese
  \u3072\u3068 # hito
  \u043a\u0456\u0441\u0456 # kisi, Kazakh
  \u043c\u0430\u043b\u044c\u0447\u0438\u043a # malchik, boy
  \u0434\u0435\u0432\u043e\u0447\u043a\u0430 # devochka, girl
  \u03c0\u03b1\u03b9\u03b4\u03b9 # paidi, child
  \u0637\u0641\u0644 # tifl, child
  \u1230\u12cd # saw, Amharic
  \u0a2e\u0a28\u0a41\u0a71\u0a16 # manukh, Punjabi
  \u0aae\u0abe\u0aa3\u0ab8 # manas, Gujarati
  \u0b2e\u0b23\u0b3f\u0b37 # manisha, Odia
  \u0ea1\u0eb0\u0e99\u0eb8\u0e94 # manut, Lao
  \u057f\u0572\u0561\u0574\u0561\u0580\u0564 # tghamard, man, Armenian
  \uc544\uc774 # ai, child, Korean
`);

/** These mean a person only as the whole name, because they mean other things as well. */
export const HUMAN_WHOLE = list(`
  hominid hominids hominidae baby babies infant infants lady ladies guy guys gentleman gentlemen
  folk folks family guide guard guards officer police owner observer shepherd shepherds cavalier
  kind junge jungen gens dame donna donne dona dama fille ember om barn mies lapsi muz adam avci
  lovec orang manche tao huma passenger passengers body face faces hum pers me us self myself
  hunting hiking hunting_party keeper keepers army tech techs father mother son
  sons daughter wife husband forest_guard forest_guards
  military inspector guarda_parque naine setup_pickup set_up_pick_up setup_and_pickup camera_setup
  camera_check camera_pickup maintenance servicing deployment retrieval
`);

/** Animals named after people: removed from a name before it is compared with the words above. */
export const ANIMALS: readonly RegExp[] = [
  /\b(hunters?( s)?) (hartebeest|antelope|cisticola|sunbird)\b/,
  /\b(children( s)?|childrens) (python|dunnart)\b/,
  /\b(spider|plains) (hunters?|wanderer)\b/,
  /\bnomad (bees?|jellyfish)\b|\bpool skaters?\b|\bpond skaters?\b|\bbackswimmers?\b|\bmother carey s\b/,
  /\bforster( s)? (tern|caracara)\b/,
  /\b(goat|chamois|ibex|tahr|markhor|serow|goral) kids?\b|\bkids? (of )?(a )?(goat|chamois|ibex|tahr|markhor|serow|goral)\b/,
  /\b(tailed|parasitic|pomarine|arctic) jaegers?\b/,
  /\b(martin|martim|falco|aquila|aguila|gatto|airone|ragno) (pescador|pescadora|pescatore|pescatrice|cacciatore)\b/,
  /\broad runners?\b|\bwalker (hound|coonhound)\b|\bhuntsman spiders?\b|\b(driver|soldier|worker|army) (ants?|flies|fly|beetles?|bees?)\b/,
  /\bman (o|of) war\b|\bisle of man\b|\borang h?utans?\b/,
  /\bpersonat(a|us|um)\b/,
];

/** A word that begins with one of these means a vehicle. */
export const VEHICLE_STEMS = list(`
  vehic vehicul veicol fahrzeug voertuig automobil motorcycle motorbike snowmobil motorrad fahrrad
`);

/** A name with one of these words means a vehicle. */
export const VEHICLE_WORDS = list(`
  car cars truck trucks pickup pickups lorry lorries suv suvs atv atvs utv utvs tractor tractors
  bicycle bicycles bike bikes moped scooter camion camions camiones coche coches voiture voitures
  lkw pkw lastwagen traktor tracteur trattore caravan ambulance
`);

/** These mean a vehicle only as the whole name. */
export const VEHICLE_WHOLE = list(`
  van vans bus buses quad quads auto autos boat boats train trains drone drones plane airplane
  helicopter bil trailer trailers jeep jeeps moto motos carro carros macchina cart buggy velo
  pick_up side_by_side four_wheeler bicicleta bicicletas moottorikelkka samochod machine machinery
`);

/** Whole names of frames that show nothing. */
export const BLANK_WHOLE = list(`
  blank blanks empty none nothing nil void background no_animal no_animals no_wildlife no_species
  no_detection no_detections no_object no_objects false_trigger false_triggers false_positive
  false_positives false_alarm false_detection misfire misfires mis_fire miss_fire test tests
  test_image test_photo test_picture test_shot setup set_up calibration vegetation empty_image
  empty_images empty_frame empty_photo empty_picture blank_image blank_frame blank_photo leer vide
  vacio vacia vuoto vuota vazio vazia leeg tom tomt tyhja pusty puste prazdne prazdny nada rien
  nichts niente niets ingenting kein_tier sin_animal pas_d_animal
  \u7a7a # kong, empty
  \u7a7a\u767d # kongbai, blank
  \u043f\u0443\u0441\u0442\u043e # pusto, empty
  \u043f\u0443\u0441\u0442\u043e\u0439 # pustoy, empty
`);
