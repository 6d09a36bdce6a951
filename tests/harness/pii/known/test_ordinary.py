"""Prices, dates, times, sizes, versions, models, flights and the like lose nothing to the patterns."""

import pytest

from harness.pii.patterns.books import STRICT
from harness.pii.patterns.rules import Facts

ORDINARY = """
I paid $1,470.50 for 2 items
it was 1,470.50 EUR, not 1470
the total is 25.000 euros
they charged me 150000 rupees
I want to transfer 150000 rupees
the limit is 1000000 a year
transfers up to 25000 arrive in 2-3 days
between 1000-2000 dollars
I spent around 125500 last year
USD 2500 and GBP 1800
it costs 99.99
price went from 1299 to 1499
a loan of 250000 over 25 years
my salary is 45000 a year
rs. 4500 per month
€ 12 000 in total
3.5% interest on 10000
we sold 1200000 units
12 000 000 people live there
population of 8336817
call us 24/7
open from 9:00 to 17:30
the meeting is at 10:30 am
let us say 7pm or 19:00
table for 4 at 7 30 pm
on 2026-03-04 at 10:30
on 03/04/2026
on 4.3.2026 at noon
March 4th, 2026
by the 31st of December 2025
since 2019
in 2019-2020
from 2015 to 2024
2015 2016 2017 2018
20260304 is the date in the file name
2026-03-04 10:30:15
2026-03-04T10:30:15Z
the 90s and the 2000s
week 42 of 2025
Q3 2025 was better than Q2 2024
it opens 10-18 on Sundays
5 minutes down the road, 2 blocks away
it is 20 km away
10 miles per hour
500 ml of milk and 250 g of flour
preheat to 200 degrees for 45 minutes
it is -12 °C outside
23°C and 60% humidity
about 98.6 F
I ran 10 km in 52:30
we won 3-2
the score was 102-98
halftime 45-40, final 99-97
my bmi is 22.5
blood pressure 120/80
I am 34 years old
a 100-year-old house
30-day free trial
a 14-inch laptop
3-bedroom flat with 2 baths
2bed2bath for 1500 a month
size 42 or 43
16:9 or 4:3
1920x1080 at 60 fps
10x15cm photos
4k tv with 120hz
1080p or 2160p
version 10.2.3.4 of the app
v2.14.7 is broken
firmware 1.0.4521
update to 17.4.1
Android 14 and iOS 17.2
iphone 12 or iphone15
windows10 crashes
Windows 11 22H2
office365 login fails
python3.11 is slow
the galaxy s21 and a52
Sony WH-1000XM4 headphones
samsung SM-G998B phone
an rtx3080 or RTX-4090
i7-12700K processor
ryzen 5 5600X cpu
HP LaserJet M404dn printer
the Bosch WAX28M00 washer
canon EOS5D camera
model number KX-TG6821
a BMW 320d or audi A4
F150 or F-250
boeing 737-800
Airbus A320neo
flight BA2490 was late
my flight LH454 lands at 9
flight number AA1234
when does flight UA 837 depart
bus 4512 or line 7
train ICE 1556 to Berlin
take the 38 or the 27X bus
gate B42, terminal 5
room 1204 on floor 12
seat 23A please
platform 9 3/4
exit 104 off highway 17
route 66 and the A1
page 1245 of the book
chapter 12, section 4.2.1
error 404 on the page
error code 0x80070057
HTTP 503 again
error E1234 on the display
CVE-2021-44228 is fixed
KB5034441 fails to install
ISO 27001 and ISO9001
RFC 2616 or rfc7231
form 1099 or W2
the 401k plan
section 230
article 17
covid19 and covid-19
H1N1 in 2009
vitamin B12 1000 mcg
omega 3 1000 mg
sha256 or md5
base64 and utf8
mp3 or mp4 files
a 16gb ram and 512gb ssd
100mbps down, 20mbps up
5g and 4g
2.4ghz wifi
usb 3.0 and hdmi 2.1
AA batteries 1.5V 2500mAh
12V 60W
24hours
100euros
3pack for 20
10days
1st 2nd 3rd
9am-5pm
10am to 12pm
order 5 pizzas
order 12 items
order 24 more of them
I ordered 1500 units
I have 2 accounts and 3 cards
my account 2 years ago
case 1 and case 2
ticket costs $148 per passenger
tickets cost 45 each
my reservation for 4 at 7
the reservation is for 19:00
booking for 15 people
reservation on 25 December
booking consists of eight people
a reference letter
please book it
my order is late
where is my order
I lost my card
my card was declined twice
card payment of 50 euros
is my account locked
the account is overdrawn
cancel my subscription
my pin does not work
i forgot my pin
i forgot my password
password is wrong
my password is not working
the password is required
password reset link
reset my password please
password must have 8 characters
my username is not accepted
login failed
login does not work
i can't login
user not found
my email is not working
contact me at work
meet me at gmail headquarters
I work at yahoo
look at this dot com bubble
we met at point break
at the top dot it twice
are you at home
@ 5 pm
@everyone look
3 @ $5 each
call me later
call me in 10 minutes
text me tomorrow
phone battery is at 15 percent
my phone is an iphone 13
number 7 is my favourite
i need 2 numbers
two or three days
one two three go
four five or six people
for two to four people at seven
twenty twenty five
one hundred and twenty dollars
three hundred fifty
seven eight people
nine one one
zero point five
it starts in 2024
it ends in 2023
ends in 30 minutes
starts at 7
ends on the 15th
starting with 100 dollars
the last four days
the first three months
the last 5 minutes
last 3 hours
is there a hotel on main street
a 4 star place close by
a 2 bedroom place in town
2 way street
the 3 cheapest places
1 place for you in town
5 different ways
10 minute walk
a 24 hour drive
2 person square table
via the app in 2 days
we need 3 rooms
top 10 restaurants close to me
the corner shop
park and ride
7 eleven on the corner
10 downing tools
I live in a big house
send it to my home
post it to my office
deliver it tomorrow
ship it by 5 pm
moved to the country in 2019
zip the file
a zip file of 45 mb
post code is wrong
the code does not work
promo code SAVE20
coupon SUMMER2024
use code WELCOME10
code 10 is fine
exp is short for expiry
valid until further notice
born to run
I was born ready
driving license test
my license expired
passport photo
my passport is lost
a number plate holder
my car broke down
a 2019 toyota corolla
a car for 500 a month
2020 kia for 15000 dollars
my tax return
tax of 20 percent
social media
social distancing 2 metres
national holiday
insurance costs 300 a year
sort by price
sort of
bank holiday
a bank account
swift reply please
1 2 3 4 5 6 7 8 9 10
10 20 30 40 50
1, 2, 3
a b c d
1/2 cup
50/50
half of 3/4
3 x 4 = 12
2^10 = 1024
pi is 3.14159
1e6 rows
100,000,000 rows in 3.5 seconds
1.000.000 Euro
12.345,67 €
color #FF5733
hex colour #a1b2c3
localhost 127.0.0.1:8000
port 8080
https://shop.example/help
www.shop.example
see https://shop.example/products?page=2&sort=price
the u2 concert
maroon 5 and blink182
r2d2 and c3po
h2o and co2
formula1 race
24/7 support
9/11
area 51
catch 22
apollo 11
world war 2
super bowl 58
ps5 or xbox360
fifa24
chatgpt4 and gpt-4o
llama-3-70b
the 747 and the a380
chapter11 bankruptcy
100-200 guests
5-6 business days
pages 120-135
rows 1000 to 2000
ids are sorted
my id is missing
id card
tan lines
otp did not arrive
the key is under the mat
api key is missing
token expired
secret santa
Die Lieferung dauert 3-5 Werktage
Ich habe 150 Euro bezahlt
um 14:30 Uhr am 5. Mai 2026
Das kostet 1.299,00 EUR
wir sind 4 Personen und 2 Kinder
Zimmer 204 im 2. Stock
Gleis 12, Zug ICE 612
meine Rechnung ist zu hoch
meine Bestellung ist nicht da
der Termin ist am 12.05.2026 um 9 Uhr
Ich warte seit 20 Minuten
cuesta 1.200 pesos al mes
son las 7 de la tarde
quiero 2 entradas para el viernes
mi pedido no ha llegado
una reserva para 4 personas el 12 de mayo
el vuelo IB3012 sale a las 8
a las 20:15 en el andén 4
il y a 3 problèmes
ma commande est en retard
une table pour 2 à 20h30
le train de 14h05
c'est 45 euros par mois
prendo 3 pizze
alle 18:30 per 2 persone
o preço é 99,90
daqui a 15 dias
tot 31 december 2026
om 19.00 uur met 6 personen
the key number here is 42
what is the number of stops
how many numbers do you have
the code review took 3 hours
lines of code 12000
my code has 3 bugs
status code 500
country code 44
the area code is wrong
dress code is casual
zip 3 files
i need a pin for my jacket
pin this message
she is number 1
number 10 downing
top 100 songs of 2024
the 2024 model has 300 hp
the 3080 is faster than the 2070
my old gtx1060 died
ddr5-6000 ram kit
the m2 macbook with 16gb
a pixel 8 or galaxy s23
airpods pro 2
wi-fi 6e router AX3000
a 65 inch oled
nikon d750 with 50mm f1.8
lens 24-70mm f/2.8
iso 3200 at 1/500
40mm watch
a size 10 shoe
28x30 jeans
5'11 and 180 lbs
vo2max of 52
hr 145 bpm
5k in 24:31
10k steps
a 9-hole course
hole in one on the 14th
par 72
bet 20 at 5/2
odds 3.5
level 85 mage
lvl100 boss
quest 12 of 30
elo 1850
build 22631.3007
release 2024.1.3
api v2
http2 vs http3
ipv6 support
port 443 is closed
subnet mask 255.255.255.0
ping is 23 ms
error 1001 again
error code: 43
err 0xc000007b
exception 2147483647 overflow
int32 max
int64 and float32
x86-64 build
arm64 or amd64
win32 app
mp3s and mp4s
b2b and b2c
24h delivery
2day shipping
48hrs
next 7-10 days
mon-fri 9-5
9 to 5
q1-q3
h1 2025
fy2024 results
10-k filing
the 1040 form
a w-2 and a 1099-misc
401(k) match of 4%
apr of 19.99%
a 30 year fixed at 6.5
min payment is 35
fee of 2.50
max 10000 per day
limit is 5000 daily
withdraw 200 from the atm
send 50 to my friend
pay 120 for the ticket
top up 20
balance of 0.00
charged 12.99 twice
3 charges of 9.99
refund of 45.50 please
it says -15.00
discount of 20 percent
buy 2 get 1
2 for 1
a dozen eggs
3/4 cup sugar
325 f for 20 min
500 calories
2000 kcal
bmi 24
dose is 500 mg twice a day
temp is 38.5
covid-19 test
b12 and d3
h5n1
hba1c of 6.1
ldl 130
bp 130/85
room 12a please
row 12 seat 4
table 9
gate a12
platform 2
line 4 to the airport
bus 25 or 73
the 8:15 train
flight at 6:45 pm
2 adults 1 child
3 nights from june 5
5 star hotel
check in at 3 pm
from 4th to 9th of march
16 september 2026
sept 3
2026/03/04
03-04-2026
04.03.26
in the year 1999
1980s music
the 1960s
born in the 80s
19th century
since 1066
ww2 in 1945
the area is 1200 sqft
3 bed 2 bath
a 4x4 truck
v8 engine
2.0 tdi
0-60 in 4.2
35 mpg
120000 miles on it
tire 225/45r17
5w30 oil
10mm socket
m8 bolt
2x4 wood
100 sq m
1/2 inch pipe
220v
60hz
5000 btu
27 degrees
20 m2
sol 3
chapter 7 verse 12
psalm 23
john 3:16
act 2 scene 3
s02e05
season 2 episode 5
rated 4.5 of 5
8/10 would recommend
100 percent
99.9%
1 in 4
2:1
3rd of 5
a to z
abc
xyz
asap
faq
lol 123
test123
abc123 is a bad example
"""


@pytest.mark.parametrize("line", ORDINARY.strip().splitlines())
def test_an_ordinary_line_stays_whole(line: str) -> None:
    assert [line[span.start : span.end] for span in STRICT.find(Facts.of(line))] == []
