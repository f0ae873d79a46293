"""Invented names and phrases of the sample company's leads."""

from __future__ import annotations

FIRST_NAMES = {
    "pl": (
        *("Aleksandra", "Paweł", "Małgorzata", "Grzegorz", "Joanna", "Krzysztof", "Beata", "Wojciech"),
        *("Dorota", "Rafał", "Iwona", "Sławomir", "Kinga", "Marcin", "Jadwiga", "Szymon", "Łucja", "Maciej"),
    ),
    "eu": (
        *("Klara", "Jonas", "Tereza", "Ondřej", "Ingrid", "Björn", "Beatriz", "João", "Sven", "Anke"),
        *("Lucía", "Zoë", "Mehmet", "Yara"),
    ),
    "us": (
        *("Olivia", "James", "Priya", "Andre", "Emily", "Luis", "Keisha", "Brian", "Mei", "Nathan"),
        *("Fatima", "Ethan", "Sofia", "Omar", "지우", "하은", "도윤", "Erin"),
    ),
}
LAST_NAMES = {
    "pl": (
        *("Nowicka", "Stępień", "Jabłońska", "Wróbel", "Mróz", "Kaźmierczak", "Sowa", "Gołąb"),
        *("Ostrowska", "Maj", "Cieślak", "Żak", "Błaszczyk", "Kurek"),
    ),
    "eu": (
        *("Novák", "Lindqvist", "Ferreira", "Schäfer", "Dvořáková", "Nilsson", "Krüger", "Almeida"),
        *("Weiß", "Øst", "Yıldız"),
    ),
    "us": (
        *("Carter", "Nguyen", "Rivera", "Patel", "Walsh", "Johnson-Lee", "O'Hara", "Silva", "Grant"),
        *("Abara", "Castillo", "Shah", "Fields", "Moss"),
    ),
}
KOREAN_FAMILY_NAMES = ("이", "정", "한", "서")
COMPANY_KINDS = (
    *("Bakery", "Foundry", "Clinic", "Logistics", "Brewery", "Print Shop", "Hotel", "Orchard", "Robotics"),
    *("Insurance", "Textiles", "Shipyard", "Software", "Furniture", "Pharmacy", "Energy"),
)
JOB_TITLES = (
    *("Head of Operations", "Managing Director", "IT Manager", "Purchasing Manager", "Sales Director"),
    *("Office Manager", "Founder", "Marketing Manager", "CFO", "Team Lead", "Plant Manager"),
)
NOTES = {
    "connected": (
        "Wants to compare two offers, decision next month.",
        "Asked for prices for 40 seats.",
        "Friendly, needs the board's approval.",
        "Uses a competitor until March.",
    ),
    "callback_requested": ("Is travelling, call again on Thursday.", "Prefers the afternoon."),
    "meeting_booked": ("Demo with three colleagues.", "Wants to see the reports."),
    "not_interested": ("Took another product last week.", "Only wanted the white paper."),
    "voicemail": ("Left my number.",),
    "left_message": ("The assistant passes it on.",),
    "wrong_contact": ("The number belongs to somebody else.",),
}
